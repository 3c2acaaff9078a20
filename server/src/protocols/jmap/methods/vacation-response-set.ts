import type { VacationResponse } from "@bouquet/contract/jmap-filters.ts";
import { readRules, saveRules } from "../../../domain/mail/filters/filter-rules.ts";
import { htmlToText } from "../../../formats/mime/html-to-text.ts";
import { SetFailure } from "../jmap-errors.ts";
import type { Method } from "../method.ts";
import {
  bool,
  InvalidValue,
  type JsonObject,
  nullable,
  type Read,
  readArguments,
  text,
  utcDate,
} from "../read-arguments.ts";
import { invalidProperties, readSetRequest, requireState, SetReport, setShape } from "../standard-set.ts";
import { readVacation } from "./vacation-response-get.ts";

const readers: Readonly<Record<string, Read<unknown>>> = {
  isEnabled: bool,
  fromDate: (value) => nullable(utcDate)(value)?.toISOString() ?? null,
  toDate: (value) => nullable(utcDate)(value)?.toISOString() ?? null,
  subject: (value) => nullable(text)(value) ?? null,
  textBody: (value) => nullable(text)(value) ?? null,
  htmlBody: (value) => nullable(text)(value) ?? null,
};

/** RFC 8621 section 8.2. */
export const vacationResponseSet: Method<"VacationResponse/set"> = async (context, given) => {
  const { accountId, ifInState, ...objects } = readArguments(given, setShape);
  const access = await context.accounts.open(accountId, "change");
  const { create, update, destroy } = readSetRequest(context, objects);
  const before = await readVacation(context, access);
  requireState(ifInState, before.state);
  const report = new SetReport<VacationResponse>(context);
  const refuse = (): never => {
    throw new SetFailure({ type: "singleton" });
  };
  for (const creationId of create.keys()) await report.create(creationId, async () => refuse());
  for (const id of destroy) await report.destroy(id, async () => refuse());
  for (const [id, patch] of update) {
    await report.update(id, async () => {
      if (id !== "singleton") throw new SetFailure({ type: "notFound" });
      const { store } = context.deps.mail;
      const filters = await readRules(store.read, access);
      const rules = filters.kind === "rules" ? filters.rules : { vacation: null, forward: null, rules: [] };
      const wanted = applyPatch((await readVacation(context, access)).vacation, patch);
      const vacation = {
        isEnabled: wanted.isEnabled,
        from: wanted.fromDate,
        until: wanted.toDate,
        subject: wanted.subject,
        text: wanted.textBody ?? (wanted.htmlBody === null ? "" : htmlToText(wanted.htmlBody)),
        html: wanted.htmlBody,
        days: rules.vacation?.days ?? 7,
      };
      await saveRules({ store }, access, { ...rules, vacation });
      return null;
    });
  }
  return report.response(accountId, before.state, (await readVacation(context, access)).state);
};

function applyPatch(current: VacationResponse, patch: JsonObject): VacationResponse {
  const wrong: string[] = [];
  const changed: Record<string, unknown> = { ...current };
  for (const [name, value] of Object.entries(patch)) {
    const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
    try {
      if (read) changed[name] = read(value);
      else if (name !== "id" || value !== "singleton") wrong.push(name);
    } catch (error) {
      if (!(error instanceof InvalidValue)) throw error;
      wrong.push(name);
    }
  }
  if (wrong.length > 0) throw invalidProperties(wrong);
  return changed as unknown as VacationResponse;
}
