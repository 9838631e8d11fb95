/** Shows the status document, and says so when it is old or cannot be had. */

const source = "/api/v1/system/infrastructure/status";
/** The document's own words for this are in model/status.ts. */
const staleIntervals = 3;

/** The last document, how old it was when it came, and when that was by this device's clock. */
let last;
/** Why there is no newer one; undefined while there is. */
let failure;

/** An element with text or other elements in it; nothing here is ever written as HTML. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const byId = (id) => document.getElementById(id);

const shortTime = (time) =>
  new Date(time).toLocaleString([], { dateStyle: "short", timeStyle: "short" });

/** Told to a screen reader, and drawn, only when it changes. */
function write(id, text) {
  const element = byId(id);
  if (element.textContent !== text) element.textContent = text;
}

/**
 * One child of `id` for each item. The child of an item that is as it was stays, so that a link keeps its
 * focus, a selected command stays selected, and what was opened stays open.
 */
const drawn = new Map();
function fill(id, items, draw) {
  const before = drawn.get(id) ?? new Map();
  const now = new Map();
  for (const item of items) {
    const key = JSON.stringify(item);
    now.set(key, before.get(key) ?? draw(item));
  }
  drawn.set(id, now);
  const parent = byId(id);
  const wanted = [...now.values()];
  for (const child of [...parent.children]) if (!wanted.includes(child)) child.remove();
  wanted.forEach((child, index) => {
    if (parent.children[index] !== child)
      parent.insertBefore(child, parent.children[index] ?? null);
  });
}

const badge = (state, text) => make("span", { class: "badge", "data-state": state }, text);
const quiet = (...children) => make("p", { class: "quiet" }, ...children);

function card(name, sign, ...lines) {
  return make("li", {}, make("div", { class: "head" }, name, sign), ...lines);
}

/** Text in which `commands` stand between backticks. */
function withCommands(text) {
  return text.split("`").map((part, index) => (index % 2 === 0 ? part : make("code", {}, part)));
}

const verdicts = {
  healthy: ["good", "Healthy"],
  degraded: ["warning", "Degraded"],
  unhealthy: ["error", "Unhealthy"],
};

function showProblems(problems) {
  byId("problems").hidden = problems.length === 0;
  fill("problem-list", problems, ({ severity, message, action }) => {
    const word = severity === "error" ? "Error" : "Warning";
    return make(
      "li",
      { class: severity },
      make("p", {}, make("strong", {}, `${word}: `), message),
      quiet(...withCommands(action)),
    );
  });
}

/** The proxy has the port before this one, also where the lab forwards both. */
const proxy = `http://${location.hostname}:${Number(location.port) - 1}`;

/** What does not answer comes first: the list may be long. */
function showApps(apps) {
  byId("no-apps").hidden = apps.length > 0;
  const items = apps
    .map(({ hostname, dns_name, ip, path, health: { healthy, seconds, reason } }) => {
      // Rounded, or every look would be news.
      const slow = healthy && seconds >= 1 ? `, answers in ${Math.round(seconds)} s` : "";
      return { hostname, dns_name, ip, path, healthy, reason, slow };
    })
    .sort((one, other) => one.healthy - other.healthy);
  fill("apps", items, ({ hostname, dns_name, ip, path, healthy, reason, slow }) =>
    card(
      make("a", { href: path === null ? `http://${dns_name}/` : proxy + path }, hostname),
      healthy ? badge("good", "answers") : badge("warning", "no answer"),
      ...(healthy ? [] : [make("p", {}, reason)]),
      quiet(dns_name),
      quiet(`${ip ?? "no address"}${slow}`),
    ),
  );
}

const tasks = {
  dnsmasq: "addresses and names",
  iptables: "NAT and isolation",
  caddy: "reverse proxy",
  cockpit: "web console",
};

function showServices(services) {
  fill(
    "services",
    Object.entries(services),
    ([name, { status, healthy, declared, reason, checks }]) => {
      if (!declared) return card(name, badge("unknown", "off"), quiet(tasks[name]), quiet(reason));
      return card(
        name,
        badge(healthy ? "good" : "error", status),
        quiet(tasks[name]),
        ...(healthy ? [] : [make("p", {}, reason)]),
        make(
          "details",
          {},
          make(
            "summary",
            {},
            `${checks.filter(({ ok }) => ok).length} of ${checks.length} checks hold`,
          ),
          make(
            "ul",
            { class: "checks" },
            ...checks.map(({ ok, seen }) =>
              make("li", { "data-state": ok ? "good" : "error" }, seen),
            ),
          ),
        ),
      );
    },
  );
}

function showNetwork({ appliance, bridge, network, resources, mode, files }) {
  const changed = files.filter(({ state }) => state !== "intact").length;
  const free = ({ free_bytes, total_bytes }) =>
    `${Math.floor(free_bytes / 2 ** 20)} of ${Math.floor(total_bytes / 2 ** 20)} MiB free`;
  const { gateway, reachable } = network.upstream;
  const rows = {
    "WAN address": appliance.wan_ip ?? "none",
    "LAN address": appliance.lan_ip ?? "none",
    Router: gateway === null ? "none" : `${gateway}, ${reachable ? "answers" : "does not answer"}`,
    Bridge: `${bridge.name}, ${bridge.status} as the appliance sees it`,
    "Private network": network.network,
    "DHCP range": network.dhcp_range,
    Domain: network.domain,
    Mode: mode,
    Node: `${appliance.node}, VMID ${appliance.vmid}`,
    Disk: free(resources.disk),
    Memory: free(resources.memory),
    "Placed files": changed === 0 ? `${files.length}, all intact` : `${changed} not intact`,
    ...(appliance.management_url === null ? {} : { "Web console": appliance.management_url }),
  };
  fill("network", Object.entries(rows), ([name, value]) =>
    make(
      "div",
      {},
      make("dt", {}, name),
      make("dd", {}, value.startsWith("https:") ? make("a", { href: value }, value) : value),
    ),
  );
}

function showLeases(leases) {
  byId("no-leases").hidden = leases.length > 0;
  byId("lease-table").hidden = leases.length === 0;
  fill("leases", leases, ({ ip, mac, hostname, app, expires_at }) =>
    make(
      "tr",
      {},
      make("th", { scope: "row" }, ip),
      make("td", {}, app ?? `${hostname ?? "no name"} (not declared)`),
      make("td", {}, mac),
      make("td", {}, expires_at === null ? "no end" : shortTime(expires_at)),
    ),
  );
}

function showSummary({ applications, services, leases }) {
  const declared = Object.values(services).filter((one) => one.declared);
  const of = (all, good) => `${all.filter(good).length} of ${all.length}`;
  write(
    "summary",
    `${of(applications, ({ health }) => health.healthy)} apps answer, ` +
      `${of(declared, ({ healthy }) => healthy)} services are well, ` +
      `${leases.length} ${leases.length === 1 ? "lease" : "leases"}`,
  );
}

function show(status) {
  write("hostname", status.appliance.hostname);
  showSummary(status);
  showProblems(status.problems);
  showApps(status.applications);
  showServices(status.services);
  showNetwork(status);
  showLeases(status.leases);
  byId("facts").hidden = false;
}

/** `12 s`, `3 min`, `2 h`. */
function words(seconds) {
  if (seconds < 100) return `${Math.round(seconds)} s`;
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

/** Why what is shown may no longer be so, and what to do; undefined while it is news. */
function staleness(age) {
  if (last === undefined) return failure && `The status cannot be fetched: ${failure}.`;
  const { checked_at, appliance, interval_seconds, stale_action } = last.status;
  const since = new Date(checked_at).toLocaleString();
  if (failure !== undefined)
    return (
      `The status cannot be fetched: ${failure}. Below is what was seen at ${since}. ` +
      `Does the container run? On the node: \`pct status ${appliance.vmid}\`, and from here: is this device still on the LAN?`
    );
  return age > staleIntervals * interval_seconds
    ? `Nobody has looked since ${since}, so the probe may have stopped. Below is what was seen then. ${stale_action}`
    : undefined;
}

/** What changes by time alone. Everything under a notice is then what was true once. */
function tick() {
  const age = last && last.age + Math.max(0, Date.now() - last.at) / 1000;
  const stale = staleness(age);
  fill("stale", stale === undefined ? [] : [stale], (text) => make("p", {}, ...withCommands(text)));
  document.body.classList.toggle("old", stale !== undefined);
  if (last === undefined && stale === undefined) return;
  const [state, word] = stale ? ["unknown", "Unknown"] : verdicts[last.status.health_status];
  write("verdict", word);
  byId("verdict").dataset.state = state;
  write("age", last === undefined ? "" : `looked at ${words(age)} ago`);
  const name = last?.status.appliance.hostname ?? "Network appliance";
  document.title = `${name}: ${word.toLowerCase()}`;
}

async function look(patience) {
  const answer = await fetch(source, { cache: "no-store", signal: AbortSignal.timeout(patience) });
  if (!answer.ok) throw new Error(`it is answered with ${answer.status}`);
  const status = await answer.json();
  // Both times are the appliance's own, so this device's clock may be wrong.
  const now = Date.parse(answer.headers.get("Date") ?? new Date().toUTCString());
  const age = Math.max(0, now - Date.parse(status.checked_at)) / 1000;
  return { status, age, at: Date.now() };
}

async function keepLooking() {
  const interval = (last?.status.interval_seconds ?? 5) * 1000;
  try {
    // A proxy that takes a question and never answers it must not keep old facts looking new.
    last = await look(interval);
    failure = undefined;
    show(last.status);
  } catch (error) {
    failure = error.name === "TimeoutError" ? "there is no answer" : error.message;
  }
  tick();
  setTimeout(keepLooking, interval);
}

setInterval(tick, 1000);
// A page that was in the background says at once how old it is.
document.addEventListener("visibilitychange", tick);
keepLooking();
