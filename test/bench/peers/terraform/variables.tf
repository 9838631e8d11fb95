variable "endpoint" {
  description = "Address of the Proxmox API."
  type        = string
}

variable "api_token" {
  description = "USER@REALM!NAME=VALUE"
  type        = string
  sensitive   = true
}

variable "node" {
  description = "How root is reached on the node by SSH."
  type = object({
    host        = string
    port        = number
    private_key = string
    host_key    = string
  })
}

variable "files" {
  description = "Folder on the node with the finished files of each guest."
  type        = string
}

variable "macs" {
  description = "MACs by VMID, in the order of the interfaces."
  type        = map(list(string))
}

variable "apps" {
  description = "Apps by name."
  type = map(object({
    vmid    = number
    package = string
    service = string
  }))
  default = {
    nginx-01 = { vmid = 101, package = "nginx-light", service = "nginx" }
    notes    = { vmid = 102, package = "busybox", service = "notes" }
    board    = { vmid = 103, package = "busybox", service = "board" }
  }
}
