package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/blang/semver"
	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/integration"
)

// schemaProperty is what the engine and the SDKs act on; its type is compared with the npm package
// (test/toolchain/tokens.test.ts).
type schemaProperty struct {
	Secret           bool
	ReplaceOnChanges bool
	Default          any
}

// The marks of the official schema: pulumi-command v1.2.1, provider/cmd/pulumi-resource-command/schema.json.
// A property with none of them is left out.
func TestSchemaHasTheOfficialMarks(t *testing.T) {
	var (
		secret  = schemaProperty{Secret: true}
		replace = schemaProperty{ReplaceOnChanges: true}
	)
	endpoint := map[string]schemaProperty{
		"password": secret, "privateKey": secret, "privateKeyPassword": secret,
		"dialErrorLimit": {Default: 10.0}, "perDialTimeout": {Default: 15.0}, "port": {Default: 22.0},
		"user": {Default: "root"},
	}
	want := map[string]map[string]schemaProperty{
		"command:local:Command":          {"triggers": replace},
		"command:remote:Command":         {"connection": secret, "triggers": replace},
		"command:remote:CopyToRemote":    {"connection": secret, "triggers": replace},
		"command:remote:Connection":      endpoint,
		"command:remote:ProxyConnection": endpoint,
	}
	got := marks(t)
	for token, properties := range want {
		if !maps.Equal(got[token], properties) {
			t.Errorf("%s: got %v, want %v", token, got[token], properties)
		}
	}
	if keys := slices.Sorted(maps.Keys(got)); len(keys) != len(want) {
		t.Errorf("marked types and resources: %q", keys)
	}
}

// marks are the marked properties by the token of their type or resource.
func marks(t *testing.T) map[string]map[string]schemaProperty {
	t.Helper()
	provider, err := newProvider()
	if err != nil {
		t.Fatal(err)
	}
	server, err := integration.NewServer(
		t.Context(), "command", semver.MustParse("1.2.1"), integration.WithProvider(provider))
	if err != nil {
		t.Fatal(err)
	}
	response, err := server.GetSchema(p.GetSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Types     map[string]struct{ Properties map[string]schemaProperty }
		Resources map[string]struct{ Properties, InputProperties map[string]schemaProperty }
	}
	if err := json.Unmarshal([]byte(response.Schema), &schema); err != nil {
		t.Fatal(err)
	}
	found := map[string]map[string]schemaProperty{}
	add := func(token string, properties map[string]schemaProperty) {
		marked := maps.Clone(properties)
		maps.DeleteFunc(marked, func(_ string, property schemaProperty) bool { return property == schemaProperty{} })
		if earlier, ok := found[token]; ok && fmt.Sprint(earlier) != fmt.Sprint(marked) {
			t.Errorf("%s: its inputs have the marks %v, its outputs %v", token, marked, earlier)
		}
		if len(marked) > 0 {
			found[token] = marked
		}
	}
	for token, object := range schema.Types {
		add(token, object.Properties)
	}
	for token, resource := range schema.Resources {
		add(token, resource.Properties)
		add(token, resource.InputProperties)
	}
	return found
}
