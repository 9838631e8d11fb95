// Package remote runs commands and copies files over SSH: the module "remote" of the plugin.
package remote

import (
	"context"
	"fmt"
	"strings"
	"sync"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"

	"proximity-lan/toolchain/command/internal/lifecycle"
	"proximity-lan/toolchain/command/internal/streams"
)

// Running counts the commands that run, so that the plugin doesn't end in the middle of one.
var Running sync.WaitGroup

// Command is the resource command:remote:Command. It has no read: a refresh sees no drift.
type Command struct{}

// CommandInputs are the inputs of Command; the connection is always a secret.
type CommandInputs struct {
	lifecycle.Inputs
	Connection             *Connection       `pulumi:"connection" provider:"secret"`
	Stdin                  *string           `pulumi:"stdin,optional"`
	Environment            map[string]string `pulumi:"environment,optional"`
	Logging                *Logging          `pulumi:"logging,optional"`
	AddPreviousOutputInEnv *bool             `pulumi:"addPreviousOutputInEnv,optional"`
}

// CommandOutputs are the stored inputs and what the last run printed.
type CommandOutputs struct {
	CommandInputs
	lifecycle.Outputs
}

// Create runs the input create; without one it only records the resource.
func (*Command) Create(
	ctx context.Context, req infer.CreateRequest[CommandInputs],
) (infer.CreateResponse[CommandOutputs], error) {
	resp := infer.CreateResponse[CommandOutputs]{Output: CommandOutputs{CommandInputs: req.Inputs}}
	var err error
	if resp.ID, err = lifecycle.NewID(req.Name); err != nil || req.DryRun {
		return resp, err
	}
	resp.Output.Outputs, err = resp.Output.run(ctx, req.Inputs.Create)
	return resp, err
}

// Update runs update, or create when there is none, whatever input changed, the connection included.
func (*Command) Update(
	ctx context.Context, req infer.UpdateRequest[CommandInputs, CommandOutputs],
) (infer.UpdateResponse[CommandOutputs], error) {
	state := CommandOutputs{CommandInputs: req.Inputs, Outputs: req.State.Outputs}
	var err error
	if !req.DryRun {
		state.Outputs, err = state.run(ctx, req.Inputs.ForUpdate())
	}
	return infer.UpdateResponse[CommandOutputs]{Output: state}, err
}

// Delete runs delete with the stored connection, stdin and environment.
func (*Command) Delete(
	ctx context.Context, req infer.DeleteRequest[CommandOutputs],
) (infer.DeleteResponse, error) {
	_, err := req.State.run(ctx, req.State.Delete)
	return infer.DeleteResponse{}, err
}

// run runs one command in a session of its own; without a command the outputs stay as they are.
//
// As in the official plugin, the connection stays open until the plugin ends, or the server closes it,
// and a cancelled context (Ctrl-C) doesn't interrupt a running command: it ends by itself and is recorded.
func (c CommandOutputs) run(ctx context.Context, command *string) (lifecycle.Outputs, error) {
	if command == nil {
		return c.Outputs, nil
	}
	Running.Add(1)
	defer Running.Done()
	client, err := c.Connection.dial(ctx)
	if err != nil {
		return lifecycle.Outputs{}, err
	}
	session, err := client.NewSession()
	if err != nil {
		return lifecycle.Outputs{}, err
	}
	defer func() {
		_ = session.Close() // The command is over; its own result is the one that counts.
	}()
	if err := c.setEnvironment(ctx, session.Setenv); err != nil {
		return lifecycle.Outputs{}, err
	}
	if c.Stdin != nil && *c.Stdin != "" {
		session.Stdin = strings.NewReader(*c.Stdin)
	}
	capture := streams.New(c.Logging.OrDefault(), p.GetLogger(ctx).InfoStatus)
	session.Stdout, session.Stderr = capture.Stdout(), capture.Stderr()
	return capture.Finish(*command, session.Run(*command))
}

const acceptEnv = "This only works if the SSH server accepts the variable (AcceptEnv). " +
	"Pass it in the command, `NAME=value command`, or by stdin"

// setEnvironment fails for a variable of the input environment that the server refuses, and only
// warns for the outputs of the run before, which nobody asked for by name.
func (c CommandOutputs) setEnvironment(ctx context.Context, set func(name, value string) error) error {
	for name, value := range c.Environment {
		if err := set(name, value); err != nil {
			return fmt.Errorf("could not set environment variable %q: %w. %s", name, err, acceptEnv)
		}
	}
	for name, value := range c.PreviousOutput(c.AddPreviousOutputInEnv) {
		if err := set(name, value); err != nil {
			p.GetLogger(ctx).Warningf("Unable to set %q. %s, or set addPreviousOutputInEnv to false.", name, acceptEnv)
		}
	}
	return nil
}
