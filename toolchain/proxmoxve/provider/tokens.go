package provider

// resources are the upstream resources that this project uses or plans to use, with their tokens in
// the npm package @muhlba91/pulumi-proxmoxve. A new one needs one line here.
//
// Left out on purpose: every resource whose upstream input "id" is a string, which the npm package calls
// resourceId (sdn.zone.*, sdn.Vnet, storage.*, backup.Job, Replication). The released plugin panics when
// it creates one, so a program that uses one must fail here as well.
var resources = map[string]string{
	"proxmox_download_file":        "download/file:File",
	"proxmox_hagroup":              "index/hagroup:Hagroup",
	"proxmox_haresource":           "index/haresource:Haresource",
	"proxmox_harule":               "index/harule:Harule",
	"proxmox_network_linux_bridge": "network/linux/bridge:Bridge",
	"proxmox_node_firewall":        "node/firewall:Firewall",
	"proxmox_oci_image":            "oci/image:Image",
	"proxmox_pool_membership":      "pool/membership:Membership",
	"proxmox_sdn_applier":          "sdn/applier:Applier",

	"proxmox_virtual_environment_cluster_firewall":                "cluster/firewallLegacy:FirewallLegacy",
	"proxmox_virtual_environment_cluster_firewall_security_group": "cluster/firewall/security/groupLegacy:GroupLegacy",
	"proxmox_virtual_environment_container":                       "index/containerLegacy:ContainerLegacy",
	"proxmox_virtual_environment_file":                            "index/fileLegacy:FileLegacy",
	"proxmox_virtual_environment_firewall_alias":                  "firewall/aliasLegacy:AliasLegacy",
	"proxmox_virtual_environment_firewall_ipset":                  "firewall/ipsetLegacy:IpsetLegacy",
	"proxmox_virtual_environment_firewall_options":                "firewall/optionsLegacy:OptionsLegacy",
	"proxmox_virtual_environment_firewall_rules":                  "firewall/rulesLegacy:RulesLegacy",
	"proxmox_virtual_environment_pool":                            "index/poolLegacy:PoolLegacy",
}

// functions are the upstream data sources, with their tokens in the npm package.
var functions = map[string]string{
	"proxmox_datastores": "index/getDatastores:getDatastores",
	"proxmox_file":       "index/getFile:getFile",
	"proxmox_files":      "index/getFiles:getFiles",
	"proxmox_version":    "index/getVersion:getVersion",

	"proxmox_virtual_environment_container":  "index/getContainerLegacy:getContainerLegacy",
	"proxmox_virtual_environment_containers": "index/getContainersLegacy:getContainersLegacy",
	"proxmox_virtual_environment_node":       "index/getNodeLegacy:getNodeLegacy",
	"proxmox_virtual_environment_nodes":      "index/getNodesLegacy:getNodesLegacy",
	"proxmox_virtual_environment_vms":        "index/getVmsLegacy:getVmsLegacy",
}
