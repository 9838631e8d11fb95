package main

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"proximity-lan/toolchain/command/internal/sshtest"
)

func TestWrongHostKeyIsRefused(t *testing.T) {
	server := sshtest.Start(t)
	err := newResource(t, remoteCommand).tryCreate(inputs{
		"connection": connection(server, inputs{"hostKey": sshtest.NewHostKey(t)}), "create": "echo hello",
	})
	wantError(t, err, "after 1 failed attempts: ssh: handshake failed: ssh: host key mismatch")
	if got := server.Commands(); len(got) > 0 {
		t.Errorf("ran %q on the wrong host", got)
	}
}

func TestHostKeyThatIsNoKeyIsRefused(t *testing.T) {
	server := sshtest.Start(t)
	err := newResource(t, remoteCommand).tryCreate(inputs{
		"connection": connection(server, inputs{"hostKey": "SHA256:abc"}), "create": "true",
	})
	wantError(t, err, "failed to parse host key: ")
}

func TestConnectionIsRetried(t *testing.T) {
	server := sshtest.Start(t)
	server.RefuseFirst = 2
	r := newResource(t, remoteCommand)
	r.create(inputs{"connection": connection(server, inputs{"dialErrorLimit": 2}), "create": "echo hello"})
	r.wantState("stdout", "hello")
	if got := server.Connections(); got != 3 {
		t.Errorf("connections: got %d, want 3", got)
	}
}

func TestConnectionIsRetriedOnlyUpToTheLimit(t *testing.T) {
	server := sshtest.Start(t)
	server.RefuseFirst = 100
	err := newResource(t, remoteCommand).tryCreate(inputs{
		"connection": connection(server, inputs{"dialErrorLimit": 1}), "create": "true",
	})
	wantError(t, err, "after 1 failed attempts")
	if got := server.Connections(); got != 2 {
		t.Errorf("connections: got %d, want 2", got)
	}
}

func TestDefaultsOfTheConnection(t *testing.T) {
	checked := newResource(t, remoteCommand).checked(inputs{"connection": inputs{"host": "h", "proxy": inputs{"host": "p"}}})
	for _, c := range []string{"connection", "proxy"} {
		got := checked.Get("connection").AsMap()
		if c == "proxy" {
			got = got.Get("proxy").AsMap()
		}
		if got.Get("user").AsString() != "root" || got.Get("port").AsNumber() != 22 ||
			got.Get("dialErrorLimit").AsNumber() != 10 || got.Get("perDialTimeout").AsNumber() != 15 {
			t.Errorf("%s: %v", c, got)
		}
	}
	if !checked.Get("connection").Secret() {
		t.Error("the connection is not a secret")
	}
}

func TestPasswords(t *testing.T) {
	for _, ask := range []bool{false, true} {
		server := sshtest.Start(t)
		server.PasswordOnly, server.AskPassword = true, ask
		r := newResource(t, remoteCommand)
		in := inputs{"connection": connection(server, inputs{"password": sshtest.Password}), "create": "echo hello"}
		r.create(in)
		r.wantState("stdout", "hello")
		in["connection"] = connection(server, inputs{"password": "wrong-one"})
		text := wantError(t, newResource(t, remoteCommand).tryCreate(in), "unable to authenticate")
		if strings.Contains(text, "wrong-one") {
			t.Errorf("the error shows the password: %s", text)
		}
	}
}

func TestProxyJump(t *testing.T) {
	bastion, server := sshtest.Start(t), sshtest.Start(t)
	in := inputs{"connection": connection(server, inputs{"proxy": connection(bastion, inputs{"user": "jump"})}), "create": "echo hello"}
	r := newResource(t, remoteCommand)
	r.create(in)
	r.wantState("stdout", "hello")
	if got := bastion.Forwarded(); len(got) != 1 || got[0] != "127.0.0.1:"+strconv.Itoa(server.Port) {
		t.Errorf("forwarded: %q", got)
	}
	if got := bastion.Users(); len(got) != 1 || got[0] != "jump" {
		t.Errorf("users of the bastion: %q", got)
	}

	in["connection"] = connection(server, inputs{"proxy": connection(bastion, inputs{"hostKey": server.HostKey})})
	wantError(t, newResource(t, remoteCommand).tryCreate(in), "proxy: after 1 failed attempts: ssh: handshake failed: ssh: host key mismatch")
}

func TestCancelDoesNotInterruptARunningCommand(t *testing.T) {
	server := sshtest.Start(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	flag := filepath.Join(t.TempDir(), "flag")
	r := newResourceIn(ctx, t, remoteCommand)
	done := make(chan error, 1)
	go func() {
		done <- r.tryCreate(inputs{"connection": connection(server, nil), "create": waitFor(flag) + "; echo finished"})
	}()
	for limit := time.Now().Add(4 * time.Second); len(server.Commands()) == 0 && time.Now().Before(limit); {
		time.Sleep(5 * time.Millisecond)
	}
	cancel()
	select {
	case err := <-done:
		t.Fatalf("the command was not waited for: %v", err)
	case <-time.After(300 * time.Millisecond):
	}
	if err := os.WriteFile(flag, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	r.wantState("stdout", "finished")
}

func TestOnlyTheAlgorithmOfTheGivenHostKeyIsOffered(t *testing.T) {
	server := sshtest.Start(t)
	for _, key := range []string{server.HostKey, server.AddECDSAKey(t)} {
		r := newResource(t, remoteCommand)
		r.create(inputs{"connection": connection(server, inputs{"hostKey": key}), "create": "echo hello"})
		r.wantState("stdout", "hello")
	}
	// A current server signs with an RSA key by SHA-2 only, which is another algorithm than ssh-rsa.
	err := newResource(t, remoteCommand).tryCreate(inputs{
		"connection": connection(server, inputs{"hostKey": server.AddRSAKey(t)}), "create": "true",
	})
	wantError(t, err, "after 1 failed attempts: ssh: handshake failed: ssh: no common algorithm for host key")
}

func TestConnectionStaysOpenUntilThePluginEnds(t *testing.T) {
	server := sshtest.Start(t)
	for range 3 {
		newResource(t, remoteCommand).create(inputs{"connection": connection(server, nil), "create": "true"})
	}
	if got := server.Open(); got != 3 {
		t.Errorf("open connections: got %d, want 3", got)
	}
}

func TestSecretsInsideTheConnectionAreMarkedOneByOne(t *testing.T) {
	server := sshtest.Start(t)
	r := newResource(t, remoteCommand)
	in := inputs{"password": "pass", "privateKeyPassword": "word"}
	checked := r.checked(inputs{"connection": inputs{
		"host": "h", "privateKey": "key", "password": "pass", "privateKeyPassword": "word",
		"proxy": connection(server, in),
	}})
	own := checked.Get("connection").AsMap()
	for _, endpoint := range []property.Map{own, own.Get("proxy").AsMap()} {
		for name, value := range endpoint.All {
			want := name == "privateKey" || name == "password" || name == "privateKeyPassword"
			if value.Secret() != want {
				t.Errorf("%s: secret is %v, want %v", name, value.Secret(), want)
			}
		}
	}
	r.create(inputs{"connection": connection(server, nil), "create": "true"})
	if !r.state.Get("connection").AsMap().Get("privateKey").Secret() {
		t.Error("connection.privateKey is not marked in the stored outputs")
	}
}

// waitFor is a command that ends when the file exists, or fails after 10 s.
func waitFor(file string) string {
	return "i=0; until [ -e " + file + " ] || [ $i -gt 100 ]; do sleep 0.1; i=$((i+1)); done; [ -e " + file + " ]"
}

func TestCancelledWhileDialling(t *testing.T) {
	server := sshtest.Start(t)
	server.RefuseFirst = 1000
	ctx, cancel := context.WithCancel(t.Context())
	r := newResourceIn(ctx, t, remoteCommand)
	cancel()
	err := r.tryCreate(inputs{
		"connection": connection(server, inputs{"dialErrorLimit": -1}), "create": "true",
	})
	wantError(t, err, "context canceled")
}
