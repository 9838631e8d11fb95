/** A browser on a host of the lab. */
import { join } from "node:path";

import { chromium, type Browser } from "playwright-core";

import { needInit } from "../../../lab/world/host";
import { findPlace } from "../../../lab/world/place";
import { ownLab } from "./checkout";

/** Starts Debian's Chromium (commands/deps.sh chromium) in the network of a host; its owner closes it. */
export function openBrowser(host: string): Promise<Browser> {
  return chromium.launch({
    executablePath: join(__dirname, "browser.sh"),
    env: { ...process.env, NETWORK_OF: String(needInit(findPlace(ownLab.name), host)) },
  });
}
