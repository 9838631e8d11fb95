/** Asks the person at the terminal. */
import { createInterface } from "node:readline/promises";

/** What is typed to a question, without blanks around; empty when nobody is there. */
export async function answer(question: string): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  // Without anyone to answer, stdin ends, and that is a no.
  const ended = new Promise<string>((resolve) =>
    reader.once("close", () => {
      resolve("");
    }),
  );
  const text = await Promise.race([reader.question(question), ended]);
  reader.close();
  return text.trim();
}
