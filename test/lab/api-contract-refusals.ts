/** The part of the API's contract that sends what must be refused, and changes nothing. */
import assert from "node:assert/strict";

import type { ApiSubject } from "./api-contract";

/** Describes it for the subject that there is when its tests run. */
export function describeRefusals(subject: () => ApiSubject): void {
  const onNode = (path: string) => `/nodes/${subject().node}${path}`;

  it("answers an unknown method before it asks who calls, without JSON", async () => {
    for (const client of [subject().client, subject().stranger]) {
      const { status, reason, text } = await client.call("PATCH", "/version");
      assert.deepEqual([status, reason, text], [501, "method 'PATCH' not available", ""]);
    }
  });

  it("refuses a DELETE with a body in plain text, and does not carry it out", async () => {
    const body = { type: "application/x-www-form-urlencoded", text: "force=1" };
    const path = onNode("/tasks/nonsense");
    const answer = await subject().client.raw("DELETE", path, body);
    const complaint = "Unexpected content for method 'DELETE'";
    assert.deepEqual([answer.status, answer.reason, answer.text], [501, complaint, complaint]);
    assert.equal((await subject().stranger.raw("DELETE", path, body)).status, 401);
  });

  it("says of a container that is not there that it does not run", async () => {
    const missing = String((await subject().client.call("GET", "/cluster/nextid")).data);
    const refusal = async (verb: string) =>
      (await subject().client.call("POST", onNode(`/lxc/${missing}/status/${verb}`))).reason;
    assert.equal(await refusal("shutdown"), `CT ${missing} not running`);
    assert.equal(await refusal("stop"), `CT ${missing} not running`);
    assert.equal(await refusal("reboot"), `VM ${missing} not running`);
  });
}
