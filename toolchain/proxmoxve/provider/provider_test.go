package provider

import (
	"strings"
	"testing"
)

func TestEveryNameOfTheTablesIsUpstream(t *testing.T) {
	info := Info(t.Context()) // panics when one is not
	if len(info.Resources) != len(resources) || len(info.DataSources) != len(functions) {
		t.Errorf("got %d resources and %d functions, want %d and %d",
			len(info.Resources), len(info.DataSources), len(resources), len(functions))
	}
}

func TestNoResourceThatPanicsInTheReleasedPlugin(t *testing.T) {
	upstream := Info(t.Context()).P.ResourcesMap()
	for name := range resources {
		if id, ok := upstream.Get(name).Schema().GetOk("id"); ok && id.Required() {
			t.Errorf("%s has a required input id: see tokens.go for why it must be left out", name)
		}
	}
}

func TestUnknownNameIsNamed(t *testing.T) {
	defer func() {
		if text, ok := recover().(string); !ok || !strings.Contains(text, "proxmox_no_such_thing") {
			t.Errorf("got %q", text)
		}
	}()
	unmapped(Info(t.Context()).P.ResourcesMap(), map[string]string{"proxmox_no_such_thing": "x:X"})
	t.Error("no panic")
}
