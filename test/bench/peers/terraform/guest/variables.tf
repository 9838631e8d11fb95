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

variable "vmid" {
  type = number
}

variable "name" {
  type = string
}

variable "disk" {
  description = "GiB."
  type        = number
}

variable "order" {
  description = "Place in the node's boot order."
  type        = number
  default     = null
}

variable "dns" {
  type    = object({ domain = string, servers = list(string) })
  default = null
}

variable "nics" {
  type = list(object({ name = string, bridge = string, mac = string, address = string }))
}

variable "packages" {
  type = list(string)
}

variable "activate" {
  description = "What is run in the container when its files are there."
  type        = string
}
