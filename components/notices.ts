/** Reports the notices that scripts print. */
import type { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { readOutput } from "../model/notices";

/**
 * Reports a command's notices if it ran in this update. The stdout of a command that did not run comes from
 * an earlier update, and its notices may no longer hold.
 *
 * @param since Start of this run by the node's clock, in seconds since 1970.
 */
export function reportNotices(command: remote.Command, since: number): void {
  // Undefined of a command that an update with `--target` left out, whatever its type says.
  command.stdout.apply(async (stdout: string | undefined) => {
    for (const { severity, time, text } of readOutput(stdout ?? "").notices)
      if (time >= since)
        await (severity === "warning"
          ? pulumi.log.warn(text, command)
          : pulumi.log.info(text, command));
  });
}
