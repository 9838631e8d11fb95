package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

const localCommand = "command:local:Command"

func TestLocalLifecycle(t *testing.T) {
	dir := t.TempDir()
	r := newResource(t, localCommand)
	in := inputs{
		"create": "echo created $NAME; echo noise >&2", "update": "cat; echo $PULUMI_COMMAND_STDOUT >seen",
		"delete": "echo gone >deleted", "dir": dir, "stdin": "second\n", "environment": inputs{"NAME": "it"},
	}
	r.create(in)
	r.wantState("stdout", "created it")
	r.wantState("stderr", "noise")
	r.update(in)
	r.wantState("stdout", "second")
	wantFile(t, filepath.Join(dir, "seen"), "created it\n")
	r.delete()
	wantFile(t, filepath.Join(dir, "deleted"), "gone\n")
}

func TestLocalFailure(t *testing.T) {
	err := newResource(t, localCommand).tryCreate(inputs{
		"create": "read x; echo why >&2; exit 3", "stdin": property.New("hunter2").WithSecret(true),
	})
	text := wantError(t, err, "exit status 3: running \"read x; echo why >&2; exit 3\":\nwhy\n")
	if strings.Contains(text, "hunter2") {
		t.Errorf("the error shows a secret: %s", text)
	}
}

func TestLocalInterpreter(t *testing.T) {
	r := newResource(t, localCommand)
	r.create(inputs{"create": "a  b", "interpreter": []any{"/usr/bin/printf", "<%s>"}})
	r.wantState("stdout", "<a  b>")
}

func TestLocalChangedTriggerReplaces(t *testing.T) {
	r := newResource(t, localCommand)
	r.create(inputs{"create": "true"})
	if diff := r.diff(inputs{"create": "true", "triggers": []any{"x"}}); diff["triggers"].Kind != "add&replace" {
		t.Errorf("got %v, want a replacement", diff)
	}
}

func TestLocalAssetsAndArchive(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.txt", "b.log", "sub/c.txt", "sub/d.txt"} {
		write(t, filepath.Join(dir, name), name)
	}
	r := newResource(t, localCommand)
	r.create(inputs{
		"create": "true", "dir": dir,
		"assetPaths": []any{"**.txt", "!**/d.txt"}, "archivePaths": []any{"*.txt"},
	})
	var names []string
	for name := range r.state.Get("assets").AsMap().All {
		names = append(names, name)
	}
	slices.Sort(names)
	if want := []string{"a.txt", "sub/c.txt"}; !slices.Equal(names, want) {
		t.Errorf("assets: got %q, want %q", names, want)
	}
	archive := r.state.Get("archive")
	if !archive.IsArchive() || len(archive.AsArchive().Assets) != 1 || archive.AsArchive().Assets["a.txt"] == nil {
		t.Errorf("archive: got %v, want a.txt alone", archive)
	}
}
