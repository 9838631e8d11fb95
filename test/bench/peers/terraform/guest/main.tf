# One container and what is in it.

terraform {
  required_providers {
    proxmox = {
      source = "bpg/proxmox"
    }
  }
}

resource "proxmox_virtual_environment_container" "this" {
  node_name     = "pve1"
  vm_id         = var.vmid
  unprivileged  = true
  started       = true
  start_on_boot = true

  features {
    nesting = true
  }

  operating_system {
    template_file_id = "local:vztmpl/debian-12-standard_12.12-1_amd64.tar.zst"
    type             = "debian"
  }

  cpu {
    cores = 1
  }

  memory {
    dedicated = 512
    swap      = 0
  }

  disk {
    datastore_id = "local-lvm"
    size         = var.disk
  }

  initialization {
    hostname = var.name

    dynamic "dns" {
      for_each = var.dns[*]
      content {
        domain  = dns.value.domain
        servers = dns.value.servers
      }
    }

    dynamic "ip_config" {
      for_each = var.nics
      content {
        ipv4 {
          address = ip_config.value.address
        }
      }
    }
  }

  dynamic "network_interface" {
    for_each = var.nics
    content {
      name        = network_interface.value.name
      bridge      = network_interface.value.bridge
      mac_address = network_interface.value.mac
    }
  }

  dynamic "startup" {
    for_each = var.order[*]
    content {
      order = startup.value
    }
  }
}

# Packages before files: Debian asks about a file of a package that is there already. Through cat, since
# Terraform asks for a terminal, and pct would hang up on what it runs in one when its own input ends.
resource "terraform_data" "content" {
  triggers_replace = [proxmox_virtual_environment_container.this.id, var.packages, var.activate]

  connection {
    host        = var.node.host
    port        = var.node.port
    user        = "root"
    private_key = var.node.private_key
    host_key    = var.node.host_key
  }

  provisioner "remote-exec" {
    inline = [<<-SH
      #!/bin/bash
      set -eo pipefail
      {
        until pct exec ${var.vmid} -- sh -c 'test -d /run/systemd/system && ip -4 route show default | grep -q .'; do sleep 0.2; done
        pct exec ${var.vmid} -- sh -c 'export DEBIAN_FRONTEND=noninteractive
          apt-get -qq update && apt-get -qq -y install --no-install-recommends ${join(" ", var.packages)} >/dev/null 2>&1'
        tar -C ${var.files}/${var.vmid} -cf - . | pct exec ${var.vmid} -- tar -xf - -C /
        pct exec ${var.vmid} -- sh -eu <<'ACTIVATE'
      ${var.activate}
      ACTIVATE
      } </dev/null 2>&1 | cat
    SH
    ]
  }
}
