package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"proximity-lan/toolchain/command/internal/sshtest"
)

const remoteCommand = "command:remote:Command"

// connection is a connection to the server with its host key; more overrides or adds inputs.
func connection(server *sshtest.Server, more inputs) inputs {
	c := inputs{
		"host": "127.0.0.1", "port": server.Port, "privateKey": server.PrivateKey,
		"hostKey": server.HostKey, "dialErrorLimit": 1,
	}
	for name, value := range more {
		c[name] = value
	}
	return c
}

func TestRemoteLifecycle(t *testing.T) {
	server := sshtest.Start(t)
	r := newResource(t, remoteCommand)
	in := inputs{
		"connection": connection(server, nil), "create": "echo created; echo noise >&2",
		"update": "cat", "delete": "echo gone", "stdin": "first\n",
	}
	r.create(in)
	r.wantState("stdout", "created")
	r.wantState("stderr", "noise")

	in["stdin"] = "second\n\n"
	if diff := r.diff(in); len(diff) != 1 || diff["stdin"].Kind != "update" {
		t.Errorf("a changed stdin must be an update in place, got %v", diff)
	}
	r.update(in)
	r.wantState("stdout", "second\n") // only the last newline is trimmed
	r.wantState("stderr", "")

	r.delete()
	want := []string{"echo created; echo noise >&2", "cat", "echo gone"}
	if got := server.Commands(); !slices.Equal(got, want) {
		t.Errorf("commands: got %q, want %q", got, want)
	}
	if !slices.Contains(server.Users(), "root") {
		t.Errorf("the default user is root, got %q", server.Users())
	}
}

func TestRemoteUpdateFallsBackToCreateAndDeleteToNothing(t *testing.T) {
	server := sshtest.Start(t)
	r := newResource(t, remoteCommand)
	r.create(inputs{"connection": connection(server, nil), "create": "echo one"})
	r.update(inputs{"connection": connection(server, nil), "create": "echo two"})
	r.wantState("stdout", "two")
	r.delete()
	if got := server.Commands(); !slices.Equal(got, []string{"echo one", "echo two"}) {
		t.Errorf("commands: %q", got)
	}
}

func TestRemoteWithoutCreateRunsNothing(t *testing.T) {
	server := sshtest.Start(t)
	r := newResource(t, remoteCommand)
	r.create(inputs{"connection": connection(server, nil), "delete": "echo gone"})
	if server.Connections() != 0 {
		t.Error("a resource without create must not connect")
	}
	r.delete()
	if got := server.Commands(); !slices.Equal(got, []string{"echo gone"}) {
		t.Errorf("commands: %q", got)
	}
}

func TestRemoteChangedTriggerReplaces(t *testing.T) {
	server := sshtest.Start(t)
	r := newResource(t, remoteCommand)
	in := inputs{"connection": connection(server, nil), "create": "true"}
	r.create(in)
	in["triggers"] = []any{"digest"}
	if diff := r.diff(in); diff["triggers"].Kind != "add&replace" {
		t.Errorf("got %v, want a replacement", diff)
	}
}

func TestRemoteFailureHasStatusCommandAndStreams(t *testing.T) {
	server := sshtest.Start(t)
	r := newResource(t, remoteCommand)
	err := r.tryCreate(inputs{
		"connection": connection(server, inputs{"privateKey": property.New(server.PrivateKey).WithSecret(true)}),
		"create":     "read secret; echo out; echo why >&2; exit 3",
		"stdin":      property.New("hunter2\n").WithSecret(true),
	})
	text := wantError(t, err, "Process exited with status 3: running \"read secret; echo out; echo why >&2; exit 3\":\n")
	for _, stream := range []string{"out\n", "why\n"} {
		if !strings.Contains(text, stream) {
			t.Errorf("the error lacks %q: %s", stream, text)
		}
	}
	for _, secret := range []string{"hunter2", "PRIVATE KEY"} {
		if strings.Contains(text, secret) {
			t.Errorf("the error shows a secret: %s", text)
		}
	}
}

func TestRemoteFailedUpdateKeepsTheOldState(t *testing.T) {
	server := sshtest.Start(t)
	r := newResource(t, remoteCommand)
	in := inputs{"connection": connection(server, nil), "create": "echo one"}
	r.create(in)
	in["update"] = "exit 4"
	wantError(t, r.tryUpdate(in), "Process exited with status 4")
	r.wantState("stdout", "one")
}

func TestRemoteKeepsTheConnectionAndSecretStdinSecret(t *testing.T) {
	server := sshtest.Start(t)
	r := newResource(t, remoteCommand)
	r.create(inputs{
		"connection": connection(server, nil), "create": "cat >/dev/null; echo done",
		"stdin": property.New("hunter2").WithSecret(true),
	})
	for _, name := range []string{"connection", "stdin"} {
		if !r.state.Get(name).HasSecrets() {
			t.Errorf("the stored %s is not a secret", name)
		}
	}
	if r.state.Get("stdout").HasSecrets() {
		t.Error("stdout is a secret although nothing asked for it")
	}
}

func TestRemoteEnvironmentNeedsAcceptEnv(t *testing.T) {
	server := sshtest.Start(t)
	server.AcceptEnv = []string{"NAME"}
	r := newResource(t, remoteCommand)
	r.create(inputs{
		"connection": connection(server, nil), "create": "echo hello $NAME",
		"environment": inputs{"NAME": "world"},
	})
	r.wantState("stdout", "hello world")
	err := newResource(t, remoteCommand).tryCreate(inputs{
		"connection": connection(server, nil), "create": "true", "environment": inputs{"OTHER": "x"},
	})
	wantError(t, err, `could not set environment variable "OTHER"`)
}

func TestRemotePreviousOutput(t *testing.T) {
	server := sshtest.Start(t)
	server.AcceptEnv = []string{"PULUMI_COMMAND_STDOUT", "PULUMI_COMMAND_STDERR"}
	in := inputs{
		"connection": connection(server, nil), "create": "echo out; echo err >&2",
		"update": "echo $PULUMI_COMMAND_STDOUT/$PULUMI_COMMAND_STDERR",
	}
	r := newResource(t, remoteCommand)
	r.create(in)
	r.update(in)
	r.wantState("stdout", "out/err")

	in["addPreviousOutputInEnv"] = false
	r = newResource(t, remoteCommand)
	r.create(in)
	r.update(in)
	r.wantState("stdout", "/")
}

func TestRemotePreviousOutputThatTheServerRefusesIsAWarning(t *testing.T) {
	server := sshtest.Start(t)
	log := collectShown(t)
	in := inputs{"connection": connection(server, nil), "create": "echo out"}
	r := newResource(t, remoteCommand)
	r.create(in)
	r.update(in)
	if !log.has(`WARN Unable to set "PULUMI_COMMAND_STDOUT"`) {
		t.Errorf("no warning in %q", log.lines)
	}
}

func TestRemoteShowsStreamsWhileTheCommandRuns(t *testing.T) {
	server := sshtest.Start(t)
	log := collectShown(t)
	flag := filepath.Join(t.TempDir(), "flag")
	done := make(chan error, 1)
	r := newResource(t, remoteCommand)
	go func() {
		// It ends only when the test has seen its first line (or gives up after 10 s).
		done <- r.tryCreate(inputs{"connection": connection(server, nil), "create": "echo waiting; " + waitFor(flag)})
	}()
	for limit := time.Now().Add(9 * time.Second); !log.has("status INFO waiting") && time.Now().Before(limit); {
		time.Sleep(10 * time.Millisecond)
	}
	if !log.has("status INFO waiting") {
		t.Error("the line was not shown while the command ran")
	}
	if err := os.WriteFile(flag, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestRemoteLoggingChoosesStreams(t *testing.T) {
	for logging, want := range map[string][2]bool{
		"none": {false, false}, "stdout": {true, false}, "stderr": {false, true}, "stdoutAndStderr": {true, true},
	} {
		server := sshtest.Start(t)
		log := collectShown(t)
		r := newResource(t, remoteCommand)
		r.create(inputs{"connection": connection(server, nil), "create": "echo aaa; echo bbb >&2", "logging": logging})
		if got := [2]bool{log.has("status INFO aaa"), log.has("status INFO bbb")}; got != want {
			t.Errorf("logging %s: shown %v, want %v", logging, got, want)
		}
		r.wantState("stdout", "aaa") // captured all the same
	}
}
