// The program pulumi-resource-command stands in for the plugin of the npm package @pulumi/command
// where its release archives cannot be had. It has the resources that this project uses, with the
// same tokens, inputs, outputs and behaviour.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"

	"proximity-lan/toolchain/command/local"
	"proximity-lan/toolchain/command/remote"
)

// version is the version of @pulumi/command in package.json; toolchain/build.sh sets it.
var version = "0.0.0-dev"

// newProvider lists the resources; their tokens are command:<Go package>:<Go type>.
func newProvider() (p.Provider, error) {
	return infer.NewProviderBuilder().
		WithDisplayName("Command").
		WithResources(
			infer.Resource(&local.Command{}),
			infer.Resource(&remote.Command{}),
			infer.Resource(&remote.CopyToRemote{}),
		).
		Build()
}

// engineCheck is how often the plugin asks whether the engine that started it is still there.
const engineCheck = 2 * time.Second

func main() {
	provider, err := newProvider()
	if err == nil {
		err = run(provider)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "pulumi-resource-command: %v\n", err)
		os.Exit(1)
	}
}

// run serves until the engine ends the plugin or is gone; commands that still run by then are finished.
// The official plugin outlives an engine that was killed. The provider library's own check for that is
// without effect: it cancels a context that nothing waits for.
func run(provider p.Provider) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	// The engine passes its address as the only argument that is not a flag.
	for _, address := range os.Args[1:] {
		if !strings.HasPrefix(address, "-") {
			if err := rpcutil.Healthcheck(ctx, address, engineCheck, cancel); err != nil {
				return err
			}
		}
	}
	err := provider.Run(ctx, "command", version)
	remote.Running.Wait()
	return err
}
