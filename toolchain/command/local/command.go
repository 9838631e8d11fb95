// Package local runs commands on the machine that runs Pulumi: the module "local" of the plugin.
package local

import (
	"context"
	"os"
	"os/exec"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"proximity-lan/toolchain/command/internal/lifecycle"
	"proximity-lan/toolchain/command/internal/streams"
)

// Command is the resource command:local:Command. It has no read: a refresh sees no drift.
type Command struct{}

// CommandInputs are the inputs of Command.
type CommandInputs struct {
	lifecycle.Inputs
	Interpreter            *[]string         `pulumi:"interpreter,optional"`
	Dir                    *string           `pulumi:"dir,optional"`
	Stdin                  *string           `pulumi:"stdin,optional"`
	Environment            map[string]string `pulumi:"environment,optional"`
	Logging                *Logging          `pulumi:"logging,optional"`
	AddPreviousOutputInEnv *bool             `pulumi:"addPreviousOutputInEnv,optional"`
	AssetPaths             *[]string         `pulumi:"assetPaths,optional"`
	ArchivePaths           *[]string         `pulumi:"archivePaths,optional"`
}

// CommandOutputs are the stored inputs, what the last run printed, and the files it was to leave.
type CommandOutputs struct {
	CommandInputs
	lifecycle.Outputs
	Assets  *map[string]*resource.Asset `pulumi:"assets,optional"`
	Archive *resource.Archive           `pulumi:"archive,optional"`
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
	return resp, resp.Output.run(ctx, req.Inputs.Create)
}

// Update runs update, or create when there is none, whatever input changed.
func (*Command) Update(
	ctx context.Context, req infer.UpdateRequest[CommandInputs, CommandOutputs],
) (infer.UpdateResponse[CommandOutputs], error) {
	state := req.State
	state.CommandInputs = req.Inputs
	var err error
	if !req.DryRun {
		err = state.run(ctx, req.Inputs.ForUpdate())
	}
	return infer.UpdateResponse[CommandOutputs]{Output: state}, err
}

// Delete runs delete with the stored inputs.
func (*Command) Delete(
	ctx context.Context, req infer.DeleteRequest[CommandOutputs],
) (infer.DeleteResponse, error) {
	return infer.DeleteResponse{}, req.State.run(ctx, req.State.Delete)
}

// run runs one command and fills in the outputs; without a command they stay as they are.
func (c *CommandOutputs) run(ctx context.Context, command *string) error {
	if command == nil {
		return nil
	}
	args := []string{"/bin/sh", "-c"}
	if c.Interpreter != nil && len(*c.Interpreter) > 0 {
		args = *c.Interpreter
	}
	cmd := exec.CommandContext(ctx, args[0], append(args[1:len(args):len(args)], *command)...)
	if c.Dir != nil {
		cmd.Dir = *c.Dir
	}
	cmd.Env = os.Environ()
	for _, variables := range []map[string]string{c.Environment, c.PreviousOutput(c.AddPreviousOutputInEnv)} {
		for name, value := range variables {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	if c.Stdin != nil && *c.Stdin != "" {
		cmd.Stdin = strings.NewReader(*c.Stdin)
	}
	capture := streams.New(c.Logging.OrDefault(), p.GetLogger(ctx).InfoStatus)
	cmd.Stdout, cmd.Stderr = capture.Stdout(), capture.Stderr()
	outputs, err := capture.Finish(*command, cmd.Run())
	if err != nil {
		return err
	}
	c.Outputs = outputs
	return c.collect(cmd.Dir)
}
