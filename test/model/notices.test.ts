import assert from "node:assert/strict";

import { readOutput } from "../../model/notices";

describe("what a script prints on stdout", () => {
  const texts = (stdout: string) => readOutput(stdout).notices.map(({ text }) => text);

  it("is notices in their order, and the answer in all other lines", () => {
    const stdout =
      'warning\t1700000000\tbridge.sh: a\n{"address":"10.20.0.9"}\ninfo\t1700000001\tapp.sh: b';
    assert.deepEqual(readOutput(stdout), {
      notices: [
        { severity: "warning", time: 1700000000, text: "bridge.sh: a" },
        { severity: "info", time: 1700000001, text: "app.sh: b" },
      ],
      answer: '{"address":"10.20.0.9"}',
    });
    assert.deepEqual(readOutput(""), { notices: [], answer: "" });
  });

  it("is never a notice without its tabs, or with another word", () => {
    const answer = "warning: this\ninfo\tno time\nerror\t1\tthat\n warning\tindented";
    assert.deepEqual(readOutput(answer), { notices: [], answer });
  });

  it("moves no cursor and reorders no text", () => {
    assert.deepEqual(texts("info\t1\ta\u001b[31m\u0007b\r\u202ec\u2028d"), ["a [31m b  c d"]);
  });

  it("is bounded, and says so", () => {
    assert.deepEqual(texts(`info\t1\t${"x".repeat(600)}`), [`${"x".repeat(500)}...`]);
    const shown = texts("info\t1\tx\n".repeat(21));
    assert.equal(shown.length, 20);
    assert.equal(shown.at(-1), "2 more notices are not shown");
    assert.equal(texts("info\t1\tx\n".repeat(20)).at(-1), "x");
  });
});
