// Package provider is the upstream Terraform provider for Proxmox VE behind Pulumi's bridge, reduced
// to the resources and functions in tokens.go.
package provider

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/bpg/terraform-provider-proxmox/fwprovider"
	upstream "github.com/bpg/terraform-provider-proxmox/proxmoxtf/provider"
	pf "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
	sdkv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
)

// Name is the plugin's name and the first part of every token.
const Name = "proxmoxve"

// version is the version of @muhlba91/pulumi-proxmoxve in package.json; toolchain/build.sh sets it.
var version = "0.0.0-dev"

// generated holds what schemagen writes, in the copy of this folder that toolchain/build.sh builds.
//
//go:embed generated
var generated embed.FS

// Schema is the plugin's schema, or an error when schemagen has not run.
func Schema() ([]byte, error) { return generated.ReadFile("generated/schema.json") }

// bridgeMetadata tells the bridge which half of the upstream provider has which resource. Before
// schemagen has run there is none, and an empty one is what it starts from.
func bridgeMetadata() []byte {
	data, err := fs.ReadFile(generated, "generated/bridge-metadata.json")
	if err != nil {
		return []byte("{}")
	}
	return data
}

// Info describes the plugin to the bridge. It panics when a name in tokens.go is unknown upstream.
func Info(ctx context.Context) tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		P: pf.MuxShimWithPF(ctx, sdkv2.NewProvider(upstream.ProxmoxVirtualEnvironment()),
			fwprovider.New(version)()),
		Name:         "proxmox",
		Version:      version,
		Resources:    map[string]*tfbridge.ResourceInfo{},
		DataSources:  map[string]*tfbridge.DataSourceInfo{},
		MetadataInfo: tfbridge.NewProviderMetadata(bridgeMetadata()),
	}
	for name, token := range resources {
		info.Resources[name] = &tfbridge.ResourceInfo{Tok: tokens.Type(Name + ":" + token)}
	}
	for name, token := range functions {
		info.DataSources[name] = &tfbridge.DataSourceInfo{Tok: tokens.ModuleMember(Name + ":" + token)}
	}
	// As the released plugin does: an input "name" that is left out is made from the resource's name.
	info.SetAutonaming(255, "-")
	info.IgnoreMappings = append(
		unmapped(info.P.ResourcesMap(), resources), unmapped(info.P.DataSourcesMap(), functions)...)
	return info
}

// unmapped lists the upstream names that are not in the table, which the bridge must be told to
// ignore, and panics for a name of the table that is not upstream: a typing error or a changed upstream.
func unmapped(upstream shim.ResourceMap, table map[string]string) []string {
	var names []string
	found := 0
	upstream.Range(func(name string, _ shim.Resource) bool {
		if _, ok := table[name]; ok {
			found++
		} else {
			names = append(names, name)
		}
		return true
	})
	if found < len(table) {
		for name := range table {
			if _, ok := upstream.GetOk(name); !ok {
				panic(fmt.Sprintf("tokens.go names %s, which the upstream provider does not have", name))
			}
		}
	}
	return names
}
