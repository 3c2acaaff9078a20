import assert from "node:assert/strict";
import { test } from "node:test";
import { sendsEmptyFiles } from "./sends-empty-files.ts";

test("the request of many files is for clients that can put an empty one in it", () => {
  const agent = (version: string) =>
    `Mozilla/5.0 (Linux) mirall/${version} (nextcloudcmd, debian-6.1 OsArchitecture: x86_64)`;
  for (const version of ["2.6.5git", "3.4.2", "3.7.3git", "3.8.2stable-Win64 (build 20230516)", "3.9.0"]) {
    assert.equal(sendsEmptyFiles(agent(version)), false, version);
  }
  for (const version of ["3.9.1", "3.9.50git", "3.13.0", "4.0.0", "10.0.0"]) {
    assert.equal(sendsEmptyFiles(agent(version)), true, version);
  }
  assert.equal(sendsEmptyFiles("Mozilla/5.0 (Android) Nextcloud-android/3.30.0"), true);
  assert.equal(sendsEmptyFiles(undefined), true);
});
