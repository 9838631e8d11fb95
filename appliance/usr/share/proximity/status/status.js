/** Shows the status document, and says so when it is old or cannot be had. */

const source = "/api/v1/system/infrastructure/status";
/** The document's own words for this are in model/status.ts. */
const staleIntervals = 3;
let interval = 5;

/** An element with text in it; nothing here is ever written as HTML. */
function make(tag, text = "", attributes = {}) {
  const element = document.createElement(tag);
  element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function fill(id, children) {
  document.getElementById(id).replaceChildren(...children);
}

function badge(state, text) {
  return make("span", text, { class: "badge", "data-state": state });
}

function card(name, sign, lines) {
  const item = make("li");
  const head = make("div", "", { class: "head" });
  head.append(name, sign);
  item.append(head, ...lines.map((line) => make("p", line, { class: "quiet" })));
  return item;
}

function showVerdict(state, text) {
  const verdict = document.getElementById("verdict");
  // Told to a screen reader only when it changes.
  if (verdict.textContent !== text) verdict.textContent = text;
  verdict.dataset.state = state;
}

const verdicts = {
  healthy: ["good", "Healthy"],
  degraded: ["warning", "Degraded"],
  unhealthy: ["error", "Unhealthy"],
};

function showProblems(problems) {
  document.getElementById("problems").hidden = problems.length === 0;
  fill(
    "problem-list",
    problems.map(({ severity, message, action }) => {
      const item = make("li", "", { class: severity });
      const fact = make("p", "", { class: "fact" });
      fact.append(make("strong", severity === "error" ? "Error: " : "Warning: "), message);
      item.append(fact, make("p", action, { class: "quiet" }));
      return item;
    }),
  );
}

function showApps(apps) {
  const cards = apps.map(({ hostname, dns_name, ip, path, health }) => {
    const { healthy, seconds, reason } = health;
    return card(
      make("a", hostname, { href: path }),
      healthy ? badge("good", "answers") : badge("warning", "no answer"),
      [
        dns_name,
        ip ?? "no address",
        healthy ? `answered in ${Math.round(seconds * 1000)} ms` : reason,
      ],
    );
  });
  fill("apps", cards.length > 0 ? cards : [make("li", "No app is declared.")]);
}

const tasks = {
  dnsmasq: "addresses and names",
  iptables: "NAT and isolation",
  caddy: "reverse proxy",
  cockpit: "web console",
};

function showServices(services) {
  const cards = Object.entries(services).map(([name, { status, healthy, declared, reason }]) => {
    if (!declared) return card(name, badge("unknown", "off"), [tasks[name], reason]);
    return card(name, healthy ? badge("good", status) : badge("error", status), [
      tasks[name],
      ...(healthy ? [] : [reason]),
    ]);
  });
  fill("services", cards);
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
  };
  const items = Object.entries(rows).map(([name, value]) => {
    const item = make("div");
    item.append(make("dt", name), make("dd", value));
    return item;
  });
  if (appliance.management_url !== null) {
    const item = make("div");
    const link = make("dd");
    link.append(make("a", appliance.management_url, { href: appliance.management_url }));
    item.append(make("dt", "Web console"), link);
    items.push(item);
  }
  fill("network", items);
}

function showLeases(leases) {
  const rows = leases.map(({ ip, mac, hostname, app, expires_at }) => {
    const row = make("tr");
    row.append(
      make("td", ip),
      make("td", app ?? `${hostname ?? "no name"} (not declared)`),
      make("td", mac),
      make("td", expires_at === null ? "no end" : new Date(expires_at).toLocaleString()),
    );
    return row;
  });
  const none = make("tr");
  none.append(make("td", "No guest has a lease.", { colspan: "4" }));
  fill("leases", rows.length > 0 ? rows : [none]);
}

function show(status) {
  document.getElementById("hostname").textContent = status.appliance.hostname;
  document.title = `${status.appliance.hostname}: ${status.health_status}`;
  showVerdict(...verdicts[status.health_status]);
  showProblems(status.problems);
  showApps(status.applications);
  showServices(status.services);
  showNetwork(status);
  showLeases(status.leases);
}

/** Everything below the notice is then what was true once. */
function showStale(text) {
  const notice = document.getElementById("stale");
  notice.hidden = text === undefined;
  if (text === undefined) return;
  if (notice.textContent !== text) notice.textContent = text;
  showVerdict("unknown", "Unknown");
  document.title = "Status unknown";
}

async function look() {
  const answer = await fetch(source, { cache: "no-store" });
  if (!answer.ok) throw new Error(`it answered with status ${answer.status}`);
  const status = await answer.json();
  interval = status.interval_seconds;
  show(status);
  // Both times are the appliance's own, so this device's clock may be wrong.
  const now = Date.parse(answer.headers.get("Date") ?? new Date().toUTCString());
  const age = Math.max(0, Math.round((now - Date.parse(status.checked_at)) / 1000));
  document.getElementById("age").textContent = `looked at ${age} s ago`;
  showStale(
    age > staleIntervals * interval
      ? `Stale: nothing has been looked at for ${age} s. Below is what was seen then. The probe may have stopped; on the node: pct exec ${status.appliance.vmid} -- ${status.family === "alpine" ? "rc-service proximity-probe restart" : "systemctl restart proximity-probe"}`
      : undefined,
  );
}

async function keepLooking() {
  try {
    await look();
  } catch (error) {
    showStale(
      `The status cannot be fetched (${error.message}). What stands below, if anything, is old.`,
    );
  }
  setTimeout(keepLooking, interval * 1000);
}

keepLooking();
