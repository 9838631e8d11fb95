/** What must hold for a whole site: each rule takes the site and returns what is wrong with it. */
import { appRules } from "./apps";
import { consoleUser } from "./console";
import { dhcpOptions } from "./dhcp-options";
import { dnsRules } from "./dns";
import { familyRules } from "./family";
import { forwardRules } from "./forwards";
import { networkRules } from "./network";
import { publicRules } from "./public";
import type { SiteRule } from "./rule";
import { uniqueRules } from "./unique";
import { wanRules } from "./wan";

/** Every rule of a site, in the order in which a person reads the file. */
export const siteRules: readonly SiteRule[] = [
  ...networkRules,
  dhcpOptions,
  ...dnsRules,
  ...wanRules,
  consoleUser,
  ...appRules,
  ...publicRules,
  ...familyRules,
  ...forwardRules,
  ...uniqueRules,
];
