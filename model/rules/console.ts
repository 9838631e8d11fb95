/** What must hold for the web console. */
import type { SiteRule } from "./rule";

/** Accounts that Debian and Alpine bring along; one of them would get a password and sudo. */
const systemUsers =
  /^(root|daemon|bin|sys|sync|games|man|lp|mail|news|uucp|proxy|www-data|backup|list|irc|nobody|_apt|sshd|messagebus|dnsmasq|caddy|cockpit.*|systemd-.*|polkitd|ntp|guest|operator)$/;

/** The rule of `appliance.consoleUser`. */
export const consoleUser: SiteRule = ({ appliance }) => {
  const path = "appliance.consoleUser";
  const user = appliance.consoleUser;
  if (user === undefined) return [];
  if (!appliance.console)
    return [
      { path, message: "there is no console to log in to. Remove it, or set console: true." },
    ];
  return systemUsers.test(user)
    ? [{ path, message: `"${user}" is an account of the system itself. Choose another name.` }]
    : [];
};
