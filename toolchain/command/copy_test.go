package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	presource "github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"proximity-lan/toolchain/command/internal/sshtest"
)

const copyToRemote = "command:remote:CopyToRemote"

func text(t *testing.T, content string) property.Value {
	t.Helper()
	asset, err := presource.NewTextAsset(content)
	if err != nil {
		t.Fatal(err)
	}
	return presource.FromResourcePropertyValue(presource.NewProperty(asset))
}

func file(t *testing.T, path string) property.Value {
	t.Helper()
	asset, err := presource.NewPathAsset(path)
	if err != nil {
		t.Fatal(err)
	}
	return presource.FromResourcePropertyValue(presource.NewProperty(asset))
}

func folder(t *testing.T, path string) property.Value {
	t.Helper()
	archive, err := presource.NewPathArchive(path)
	if err != nil {
		t.Fatal(err)
	}
	return presource.FromResourcePropertyValue(presource.NewProperty(archive))
}

func write(t *testing.T, path, content string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func wantFile(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("%s: got %q, %v; want %q", path, got, err, want)
	}
}

func TestCopyTextAndUpdate(t *testing.T) {
	server := sshtest.Start(t)
	to := filepath.Join(t.TempDir(), "motd")
	r := newResource(t, copyToRemote)
	in := inputs{"connection": connection(server, nil), "source": text(t, "a longer first text"), "remotePath": to}
	r.create(in)
	wantFile(t, to, "a longer first text")
	in["source"] = text(t, "second")
	r.update(in)
	wantFile(t, to, "second")

	before := server.Connections()
	in["connection"] = connection(server, inputs{"perDialTimeout": 7})
	r.update(in)
	if server.Connections() != before {
		t.Error("an unchanged source was copied again")
	}
	r.delete()
	wantFile(t, to, "second") // the copy stays
}

func TestCopyFileAndFolder(t *testing.T) {
	server := sshtest.Start(t)
	local, remote := t.TempDir(), t.TempDir()
	source := write(t, filepath.Join(local, "site/one.conf"), "one")
	write(t, filepath.Join(local, "site/deep/two.conf"), "two")
	for name, test := range map[string]struct {
		source property.Value
		to     string
		want   string
	}{
		"a file to a path":           {file(t, source), "new.conf", "new.conf"},
		"a file into a folder":       {file(t, source), ".", "one.conf"},
		"a folder to a new folder":   {folder(t, filepath.Join(local, "site")), "a", "a/site/one.conf"},
		"a folder's content":         {folder(t, filepath.Join(local, "site")+"/"), "b", "b/one.conf"},
		"a folder to its old place":  {folder(t, filepath.Join(local, "site")), "a", "a/site/one.conf"},
		"a file to a new folder":     {file(t, source), "d/e/one.conf", "d/e/one.conf"},
		"what is deeper in a folder": {folder(t, filepath.Join(local, "site")), "c", "c/site/deep/../one.conf"},
	} {
		t.Run(name, func(t *testing.T) {
			newResource(t, copyToRemote).create(inputs{
				"connection": connection(server, nil), "source": test.source, "remotePath": filepath.Join(remote, test.to),
			})
			wantFile(t, filepath.Join(remote, test.want), "one")
		})
	}
	wantFile(t, filepath.Join(remote, "c/site/deep/two.conf"), "two")
}

func TestCopyErrorsNameTheRemotePath(t *testing.T) {
	server := sshtest.Start(t)
	remote := t.TempDir()
	in := inputs{"connection": connection(server, nil), "source": text(t, "x"), "remotePath": remote}
	wantError(t, newResource(t, copyToRemote).tryCreate(in), "remote path "+remote+" is a folder")
	in["remotePath"] = filepath.Join(remote, "missing", strings.Repeat("x", 300))
	wantError(t, newResource(t, copyToRemote).tryCreate(in), "cannot create remote file "+remote+"/missing/xxx")
}

func TestCopyRefusesARemoteAsset(t *testing.T) {
	asset := presource.FromResourcePropertyValue(presource.NewProperty(&presource.Asset{
		Sig: presource.AssetSig, URI: "http://127.0.0.1:1/x", Hash: "0",
	}))
	_, failures := newResource(t, copyToRemote).check(inputs{
		"connection": inputs{"host": "h"}, "source": asset, "remotePath": "/x",
	})
	if len(failures) != 1 || failures[0].Property != "source" {
		t.Errorf("got %v, want one problem with source", failures)
	}
}
