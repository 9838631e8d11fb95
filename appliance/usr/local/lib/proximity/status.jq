# What the probe saw, as the status of the infrastructure: $site is what is declared, the others are
# what was observed, as raw text (probe.sh tells their forms). The shape is model/status.ts.

def lines: split("\n") | map(select(. != ""));
def trimmed: rtrimstr("\n");
def word($n): split(" ")[$n];
def answers: trimmed | tonumber? // 0 | . > 0 and . < 500;
def iso: todateiso8601;
def or_null: if . == "" then null else . end;

$site[0] as $site
| ($facts | lines | map(capture("^(?<key>[a-z_]+)=(?<value>.*)$")) | from_entries) as $fact
| ($fact.now | tonumber) as $now
| $site.appliance as $appliance
| $site.network as $network

# What a person does about it, on the node.
| def node($command): "On the node: `\($command)`";
  def inside($command): node("pct exec \($appliance.vmid) -- \($command)");
  def restart($service):
    inside(if $site.family == "alpine" then "rc-service \($service) restart" else "systemctl restart \($service)" end);
  def log($service):
    inside(if $site.family == "alpine" then "tail -n 50 /var/log/messages" else "journalctl -n 50 -u \($service)" end);

  # A service is healthy when every check of it is; the first that is not is the reason.
  def service($checks; $running):
    ($checks | map(select(.ok | not))) as $failed
    | { status: (if $running then "running" else "stopped" end),
        healthy: ($failed == []),
        declared: true,
        reason: ($failed[0].seen // null),
        checks: $checks };
  def check($name; $ok; $good; $bad): { name: $name, ok: $ok, seen: (if $ok then $good else $bad end) };

  # Names that are not the declared ones are a client's own words.
  ($site.applications | map({ key: (.mac | ascii_downcase), value: .name }) | from_entries) as $name_of
| ($leases | lines | map(split(" ") | select(length >= 4 and (.[0] | test("^[0-9]+$")))
    | (.[1] | ascii_downcase) as $mac
    | { ip: .[2], mac: $mac, hostname: (if .[3] == "*" then null else .[3] end),
        # dnsmasq writes 0 for a lease without an end.
        expires_at: (.[0] | tonumber | if . == 0 then null else iso end),
        app: ($name_of[$mac] // null), declared: ($name_of[$mac] != null) })) as $leases

| ($rules | contains("masquerade")) as $masquerades
| ([$rules | scan("policy drop")] | length >= 2) as $drops
| { dnsmasq: service([
      check("process"; $fact.dnsmasq_pid != ""; "process \($fact.dnsmasq_pid)"; "no dnsmasq process"),
      check("dhcp"; $fact.dhcp_listens == "yes"; "listens on port 67"; "nothing listens on port 67, so nobody gets an address"),
      check("dns"; ($dns | trimmed) == $network.gateway;
        "gateway.\($network.domain) is \($network.gateway)";
        "asked for gateway.\($network.domain), it answered \($dns | trimmed | or_null // "nothing")")
    ]; $fact.dnsmasq_pid != ""),
    iptables: service([
      check("loaded"; $rules != ""; "the table inet proximity is loaded"; "the table inet proximity is not loaded: neither NAT nor isolation is in force"),
      check("masquerade"; $masquerades; "what leaves is masqueraded"; "there is no masquerade rule, so the apps do not reach the internet"),
      check("isolation"; $drops; "input and forward drop by default"; "input or forward lets everything through"),
      check("as declared"; $expected == "" or $rules == $expected; "the rules are those of \($site.ruleset)"; "the rules in force are not those of \($site.ruleset)"),
      check("forwarding"; $fact.ip_forward == "1"; "net.ipv4.ip_forward is 1"; "net.ipv4.ip_forward is \($fact.ip_forward)")
    ]; $rules != ""),
    caddy: service([
      check("process"; $fact.caddy_pid != ""; "process \($fact.caddy_pid)"; "no caddy process"),
      check("proxy"; $proxy | answers; "port \($site.proxy_port) answers"; "port \($site.proxy_port) does not answer")
    ]; $fact.caddy_pid != ""),
    cockpit: (if $site.console_port == 0
      then { status: "stopped", healthy: false, declared: false, reason: "declared off", checks: [] }
      else service([
        check("socket"; $fact.console_listens == "yes"; "listens on port \($site.console_port)"; "nothing listens on port \($site.console_port)"),
        check("page"; $console | answers; "port \($site.console_port) answers"; "port \($site.console_port) does not answer")
      ]; $fact.console_listens == "yes") end)
  } as $services

| ($apps | lines | map(capture("^(?<n>[0-9]+) (?<status>[0-9]+) (?<seconds>[0-9.]+) ?(?<words>.*)$")
    | { key: .n, value: { status: (.status | tonumber), seconds: (.seconds | tonumber), words: .words } })
    | from_entries) as $answer
| ($site.applications | to_entries | map(.value as $app | ($answer[.key | tostring] // null) as $answer
    | ($leases | map(select(.app == $app.name)) | first) as $lease
    | ($answer != null and $answer.status > 0 and $answer.status < 500) as $healthy
    | { ip: ($lease.ip // null),
        hostname: $app.name,
        dns_name: "\($app.name).\($network.domain)",
        vmid: $app.vmid,
        mac: $app.mac,
        port: $app.port,
        path: $app.path,
        lease_expires_at: ($lease.expires_at // null),
        health: {
          healthy: $healthy,
          http_status: (if ($answer.status // 0) > 0 then $answer.status else null end),
          seconds: ($answer.seconds // null),
          reason: (if $healthy then null
            elif $lease == null then "it has no DHCP lease"
            elif ($answer.status // 0) > 0 then "it answers with status \($answer.status)"
            else ($answer.words // "" | or_null // "it does not answer") end) } })) as $applications

| ($files | lines | map(capture("^(?<value>[0-9a-f]{64}) [ *](?<key>.*)$")) | from_entries) as $digest
| ($modes | lines | map(capture("^(?<value>[0-7]+) (?<key>.*)$")) | from_entries) as $mode
| ($site.files | map(. as $file
    | { path: $file.path, state:
        (if $digest[$file.path] == null then "missing"
         elif $digest[$file.path] != $file.sha256 then "changed"
         elif $mode[$file.path] != ($file.mode | ltrimstr("0")) then "mode \($mode[$file.path])"
         else "intact" end) })
    + ($private | lines | map(split("\t") | { path: .[1], state: .[0] }))
    + (if $fact.declared == "yes" then [] else [{ path: "/etc/proximity/site.json", state: "missing" }] end)
  ) as $files
| ($files | map(select(.state != "intact"))) as $changed

| ($upstream | trimmed) as $upstream
| (if $upstream == "" then { gateway: null, reachable: false }
   else { gateway: ($upstream | word(0)), reachable: (($upstream | word(1)) == "yes") } end) as $upstream
| { disk: { total_bytes: ($fact.disk_total | tonumber * 1024), free_bytes: ($fact.disk_free | tonumber * 1024) },
    memory: { total_bytes: ($fact.memory_total | tonumber * 1024), free_bytes: ($fact.memory_free | tonumber * 1024) }
  } as $resources
| def full: .free_bytes / .total_bytes < 0.1;
  def mib: . / 1048576 | floor;

  ([ ($services | to_entries[] | select(.value.declared and (.value.healthy | not))
      | ({ iptables: (if $site.family == "alpine" then "proximity-filter" else "nftables" end), cockpit: "cockpit.socket" }[.key] // .key) as $unit
      | { severity: "error", subject: "services.\(.key)", message: "\(.key): \(.value.reason).",
          action: "\(restart($unit)). If that does not help, its log tells why. \(log($unit))." }),
    (select($fact.wan_ip == "") | { severity: "error", subject: "appliance.wan_ip",
        message: "The appliance has no address on the WAN side (\($site.wan)).",
        action: "See that the LAN's DHCP answers, or declare a static appliance.wan.address." }),
    (select($fact.lan_ip != $network.gateway) | { severity: "error", subject: "appliance.lan_ip",
        message: "\($site.lan) has \($fact.lan_ip | or_null // "no address") where \($network.gateway) is declared.",
        action: "\(inside("ifup \($site.lan)"))." }),
    (select($fact.lan_state != "up") | { severity: "error", subject: "bridge",
        message: "\($site.lan) is \($fact.lan_state | or_null // "not there"), so the bridge \($site.bridge) is not reached.",
        action: "\(node("ip link show \($site.bridge)")). The next update makes the bridge again if it is gone." }),
    (select($upstream.reachable | not) | { severity: "error", subject: "network.upstream",
        message: (if $upstream.gateway == null then "There is no default route, so the apps do not reach the internet."
                  else "The router \($upstream.gateway) does not answer, so the apps do not reach the internet." end),
        action: "See that the LAN's router is up and announces itself on \($site.wan)." }),
    ($changed[] | { severity: "error", subject: "files.\(.path)",
        message: (if .state == "missing" then "\(.path) is missing."
                  elif .state == "changed" then "\(.path) is not what was placed."
                  else "\(.path) has \(.state)." end),
        action: "`pulumi up` shows what differs and puts it back. Where proximity-lan:watch is false it sees nothing to do; then: `pulumi up --target '**\($appliance.hostname)-services' --replace '**\($appliance.hostname)-services'`." }),
    (($leases | map(select(.declared | not)) | length) as $others
      | select($network.others > 0 and $others >= $network.others)
      | { severity: "warning", subject: "network.dhcp_range",
          message: "Guests that are not declared hold \($others) addresses, which is all there are for them. The declared apps keep theirs.",
          action: "Compare `leases` with the guests of your own: a guest may take many addresses with made-up MAC addresses. \(node("bridge fdb show br \($site.bridge)")) shows which port they come from." }),
    (($fact.dhcp_dropped // "" | tonumber? // 0) as $dropped | select($dropped > 0)
      | { severity: "warning", subject: "network.dhcp_range",
          message: "A guest floods DHCP: \($dropped) packets were dropped within a minute.",
          action: "\(node("bridge fdb show br \($site.bridge)")) shows which MAC addresses come from which port." }),
    (select($resources.disk | full) | { severity: "warning", subject: "resources.disk",
        message: "\($resources.disk.free_bytes | mib) MiB of the root disk are free.",
        action: "Make appliance.disk larger, or find what fills it. \(inside("du -xh -d 2 /"))." }),
    (select($resources.memory | full) | { severity: "warning", subject: "resources.memory",
        message: "\($resources.memory.free_bytes | mib) MiB of memory are free.",
        action: "Make appliance.memory larger." }),
    ($applications[] | select(.health.healthy | not)
      | { severity: "warning", subject: "applications.\(.hostname)", message: "\(.hostname): \(.health.reason).",
          action: "\(node("pct status \(.vmid)")), and `pct exec \(.vmid) -- ss -ltn`. It is declared to answer HTTP on port \(.port)." })
  ]) as $problems

| { appliance: {
      vmid: $appliance.vmid,
      hostname: $appliance.hostname,
      status: "running",
      wan_ip: ($fact.wan_ip | or_null),
      lan_ip: ($fact.lan_ip | or_null),
      management_url: (if $site.console_port == 0 or $fact.wan_ip == "" then null
                       else "https://\($fact.wan_ip):\($site.console_port)" end),
      node: $appliance.node },
    bridge: {
      name: $site.bridge,
      exists: ($fact.lan_state != ""),
      status: (if $fact.lan_state == "up" then "UP" else "DOWN" end),
      observed_by: "appliance" },
    network: {
      network: $network.network,
      gateway: $network.gateway,
      dhcp_range: $network.dhcp_range,
      domain: $network.domain,
      upstream: $upstream },
    services: $services,
    applications: $applications,
    health_status: (if $problems | any(.severity == "error") then "unhealthy"
                    elif $problems != [] then "degraded" else "healthy" end),
    checked_at: ($now | iso),
    interval_seconds: $site.interval_seconds,
    stale_action: "\(restart("proximity-probe")).",
    mode: $site.mode,
    family: $site.family,
    leases: $leases,
    files: $files,
    resources: $resources,
    problems: $problems }
