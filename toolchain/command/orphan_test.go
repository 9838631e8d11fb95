package main

import (
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	"google.golang.org/grpc"
)

// asPlugin makes the test binary run as the plugin itself.
const asPlugin = "TEST_AS_PLUGIN"

func TestPluginEndsSoonAfterItsEngineIsGone(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	engine := grpc.NewServer()
	go func() {
		_ = engine.Serve(listener) // It ends with Stop.
	}()
	defer engine.Stop()

	plugin := exec.Command(os.Args[0], listener.Addr().String())
	plugin.Env = append(os.Environ(), asPlugin+"=1")
	port, err := plugin.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := plugin.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		if _, err := port.Read(make([]byte, 16)); err != nil {
			t.Errorf("the plugin did not print its port: %v", err)
		}
		ended <- plugin.Wait()
	}()
	select {
	case err := <-ended:
		t.Fatalf("the plugin ended although its engine is there: %v", err)
	case <-time.After(engineCheck + engineCheck/2):
	}
	engine.Stop()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("the plugin failed: %v", err)
		}
	case <-time.After(3 * engineCheck):
		t.Error("the plugin is still there")
		_ = plugin.Process.Kill() // It is on its own otherwise.
	}
}
