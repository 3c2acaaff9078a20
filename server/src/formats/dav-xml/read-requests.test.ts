import assert from "node:assert/strict";
import { test } from "node:test";
import { BadXml } from "./bad-xml.ts";
import { readLockInfo } from "./read-lockinfo.ts";
import { readMkcol, readPropertyUpdate, readPropfind } from "./read-property-requests.ts";
import { readSearch } from "./read-search.ts";
import { readXml } from "./read-xml.ts";

const dav = (xml: string) =>
  readXml(Buffer.from(xml.replace(/^<d:(\w+)/, '<d:$1 xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"')));
const refused = (run: () => unknown) => assert.throws(run, BadXml);

test("a PROPFIND names properties, once each, or asks for all", () => {
  assert.deepEqual(readPropfind(dav("<d:propfind><d:prop><d:getetag/><oc:id/><d:getetag/></d:prop></d:propfind>")), {
    kind: "prop",
    names: ["{DAV:}getetag", "{http://owncloud.org/ns}id"],
  });
  assert.deepEqual(readPropfind(dav("<d:propfind><d:allprop/><d:include><oc:id/></d:include></d:propfind>")), {
    kind: "allprop",
    include: ["{http://owncloud.org/ns}id"],
  });
  assert.deepEqual(readPropfind(dav("<d:propfind><d:propname/></d:propfind>")), { kind: "propname" });
  refused(() => readPropfind(dav("<d:propfind/>")));
  refused(() => readPropfind(dav("<d:other/>")));
});

test("changes of properties keep their order", () => {
  const changes = readPropertyUpdate(
    dav(
      "<d:propertyupdate><d:set><d:prop><a/><b/></d:prop></d:set><d:remove><d:prop><a/></d:prop></d:remove></d:propertyupdate>",
    ),
  );
  assert.deepEqual(
    changes.map(({ kind, name }) => [kind, name]),
    [
      ["set", "{}a"],
      ["set", "{}b"],
      ["remove", "{}a"],
    ],
  );
  refused(() => readPropertyUpdate(dav("<d:propertyupdate/>")));
  assert.deepEqual(readMkcol(dav("<d:mkcol/>")), []);
  refused(() => readMkcol(dav("<d:propfind/>")));
});

test("a lock is exclusive or shared, and for writing", () => {
  const info = (scope: string, type = "<d:write/>") =>
    dav(
      `<d:lockinfo><d:lockscope>${scope}</d:lockscope><d:locktype>${type}</d:locktype><d:owner>x</d:owner></d:lockinfo>`,
    );
  assert.equal(readLockInfo(info("<d:exclusive/>")).scope, "exclusive");
  assert.equal(readLockInfo(info("<d:shared/>")).scope, "shared");
  for (const scope of ["", "<d:exclusive/><d:shared/>", "<d:other/>"]) refused(() => readLockInfo(info(scope)));
  refused(() => readLockInfo(info("<d:exclusive/>", "<d:read/>")));
});

/** As the Android client looks for recently changed photos. */
const gallery = `<d:searchrequest><d:basicsearch>
  <d:select><d:prop><oc:fileid/></d:prop></d:select>
  <d:from><d:scope><d:href>/files/alice</d:href><d:depth>infinity</d:depth></d:scope></d:from>
  <d:where><d:and>
    <d:or>
      <d:like><d:prop><d:getcontenttype/></d:prop><d:literal>image/%</d:literal></d:like>
      <d:like><d:prop><d:getcontenttype/></d:prop><d:literal>video/%</d:literal></d:like>
    </d:or>
    <d:lt><d:prop><d:getlastmodified/></d:prop><d:literal>2026-11-23T00:00:00Z</d:literal></d:lt>
    <d:not><d:is-collection/></d:not>
  </d:and></d:where>
  <d:orderby><d:order><d:prop><d:getlastmodified/></d:prop><d:descending/></d:order></d:orderby>
  <d:limit><d:nresults>150</d:nresults></d:limit>
</d:basicsearch></d:searchrequest>`;

test("a search of the mobile clients is read whole", () => {
  const query = readSearch(dav(gallery));
  assert.equal(query.scope, "/files/alice");
  assert.equal(query.limit, 150);
  assert.deepEqual(query.order, [{ property: "{DAV:}getlastmodified", isDescending: true }]);
  assert.deepEqual(query.where, {
    kind: "and",
    parts: [
      {
        kind: "or",
        parts: ["image/%", "video/%"].map((literal) => ({
          ...{ kind: "compare", operator: "like", property: "{DAV:}getcontenttype", literal },
        })),
      },
      { kind: "compare", operator: "lt", property: "{DAV:}getlastmodified", literal: "2026-11-23T00:00:00Z" },
      { kind: "not", part: { kind: "is_collection" } },
    ],
  });
});

test("searches of another grammar, or without end, are refused", () => {
  refused(() => readSearch(dav("<d:searchrequest><d:other/></d:searchrequest>")));
  refused(() => readSearch(dav("<d:searchrequest><d:basicsearch/></d:searchrequest>")));
  const where = (condition: string) => () =>
    readSearch(dav(gallery.replace(/<d:where>[\s\S]*<\/d:where>/, `<d:where>${condition}</d:where>`)));
  refused(where("<d:contains>x</d:contains>"));
  refused(where("<d:eq><d:literal>x</d:literal></d:eq>"));
  refused(where("<d:eq><d:prop><d:getetag/></d:prop></d:eq>"));
  refused(where("<d:not/>"));
  refused(where(`<d:or>${"<d:is-collection/>".repeat(300)}</d:or>`));
});
