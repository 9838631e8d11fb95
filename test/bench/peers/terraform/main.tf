# The bench's site in Terraform: what the graph lets run side by side does. The finished files lie on the node,
# as for the shell script.

terraform {
  required_providers {
    proxmox = {
      source = "bpg/proxmox"
    }
  }
}

provider "proxmox" {
  endpoint  = var.endpoint
  api_token = var.api_token
  # The lab's certificate is its own.
  insecure = true
}

# The provider's own resource refuses the name, as Proxmox does.
resource "terraform_data" "bridge" {
  connection {
    host        = var.node.host
    port        = var.node.port
    user        = "root"
    private_key = var.node.private_key
    host_key    = var.node.host_key
  }

  provisioner "remote-exec" {
    inline = [
      "set -e",
      "cp ${var.files}/node/proximity-lan /etc/network/interfaces.d/proximity-lan",
      "cp ${var.files}/node/60-proximity-lan.conf /etc/sysctl.d/60-proximity-lan.conf",
      "ifreload -a",
    ]
  }
}

module "appliance" {
  source     = "./guest"
  depends_on = [terraform_data.bridge]

  node  = var.node
  files = var.files

  vmid  = 100
  name  = "prox-appliance"
  disk  = 8
  order = 1
  nics = [
    { name = "eth0", bridge = "vmbr0", mac = var.macs["100"][0], address = "dhcp" },
    { name = "eth1", bridge = "proximity-lan", mac = var.macs["100"][1], address = "10.20.0.1/24" },
  ]
  packages = ["caddy", "curl", "dnsmasq", "dnsmasq-utils", "jq", "nftables", "cockpit-bridge", "cockpit-system", "cockpit-ws"]
  activate = <<-SH
    sysctl -q -p /etc/sysctl.d/60-proximity.conf
    systemctl daemon-reload
    nft -f /etc/nftables.conf
    proximity-sets
    systemctl -q enable nftables proximity-probe cockpit.socket
    systemctl start cockpit.socket
    systemctl restart dnsmasq caddy proximity-probe
    until [ -s /run/proximity/status.json ]; do sleep 0.2; done
  SH
}

module "app" {
  source     = "./guest"
  depends_on = [module.appliance]
  for_each   = var.apps

  node  = var.node
  files = var.files

  vmid = each.value.vmid
  name = each.key
  disk = 4
  dns  = { domain = "prox.local", servers = ["10.20.0.1"] }
  nics = [
    { name = "eth0", bridge = "proximity-lan", mac = var.macs[each.value.vmid][0], address = "dhcp" },
  ]
  packages = [each.value.package]
  activate = <<-SH
    systemctl daemon-reload
    systemctl -q enable ${each.value.service}
    systemctl restart ${each.value.service}
  SH
}
