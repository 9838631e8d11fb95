/** How the reverse proxy treats one app, as a person writes it. */
import { z } from "zod";

import { invalid } from "./messages";
import { cidr, headerName, headerValue, userName } from "./scalars";

const edits = (whose: string) =>
  z.strictObject({
    set: z
      .record(headerName, headerValue)
      .default({})
      .meta({ description: `Headers that each ${whose} gets, by name.`, "x-key": "HEADER" }),
    remove: z.array(headerName).default([]).describe(`Headers taken out of each ${whose}.`),
  });

const headers = z.strictObject({
  request: edits("request to the app").prefault({}),
  response: edits("response of the app").prefault({}),
});

const health = z.strictObject({
  path: z
    .string()
    .regex(/^\/[\w/.~%?=&+-]*$/, invalid("a path", "Write it as /health."))
    .describe(
      "Path of the app that is asked regularly. While its answer is not 2xx, or does not come within 5 seconds, people get a page that says so (503).",
    ),
  interval: z.int().min(1).max(3600).default(30).describe("Seconds between two questions."),
});

export const proxy = z.strictObject({
  headers: headers.prefault({}),
  frame: z
    .boolean()
    .default(false)
    .describe(
      "Let other sites show the app in a frame: takes out `X-Frame-Options`, and opens `frame-ancestors` in its content security policy.",
    ),
  health: health.optional(),
  auth: z
    .array(userName)
    .default([])
    .describe(
      "Only these users may use the app, by name and password (HTTP basic auth). Their password hashes are the secret `proximity-lan:basicAuth`.",
    ),
  allowFrom: z
    .array(cidr)
    .default([])
    .describe("Only these networks may use the app by way of the proxy. Empty: everyone."),
  path: z
    .union([z.literal("strip"), z.literal(false)], {
      error: "is neither `strip` nor `false`.",
    })
    .optional()
    .meta({
      description:
        "Whether the app is also below `http://<appliance>/NAME/`: `strip`, without that prefix in the path that the app sees, or `false`, by its names alone. A browser takes all apps below a path for one site: the page of each can read and use the others as the user who has it open.",
      "x-default": "`strip`, or `false` for an app with `auth` or `allowFrom`",
    }),
  log: z
    .boolean()
    .default(false)
    .describe(
      "Write each request to `/var/log/caddy/NAME.log` in the appliance, one JSON object a line; five files of 10 MiB are kept.",
    ),
});
