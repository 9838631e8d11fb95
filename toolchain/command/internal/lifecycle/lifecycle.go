// Package lifecycle holds what local and remote commands have in common: when which command runs,
// and what of an earlier run the next one sees.
package lifecycle

import "github.com/pulumi/pulumi/sdk/v3/go/common/resource"

// Inputs are the commands of one resource, run by /bin/sh or the remote user's shell.
type Inputs struct {
	Create *string `pulumi:"create,optional"`
	Update *string `pulumi:"update,optional"`
	Delete *string `pulumi:"delete,optional"`
	// A changed trigger replaces the resource; Pulumi then creates first and deletes afterwards.
	Triggers *[]any `pulumi:"triggers,optional" provider:"replaceOnChanges"`
}

// Outputs are what the last successful create or update printed, without its last newline.
type Outputs struct {
	Stdout string `pulumi:"stdout"`
	Stderr string `pulumi:"stderr"`
}

// ForUpdate is the command to run when an input changed: update, else create, else none (nil).
func (in Inputs) ForUpdate() *string {
	if in.Update != nil {
		return in.Update
	}
	return in.Create
}

// PreviousOutput is what a run learns of the run before it; empty streams are left out, and all of it
// when the input addPreviousOutputInEnv is false (unset means true).
func (out Outputs) PreviousOutput(wanted *bool) map[string]string {
	env := map[string]string{}
	if wanted != nil && !*wanted {
		return env
	}
	if out.Stdout != "" {
		env["PULUMI_COMMAND_STDOUT"] = out.Stdout
	}
	if out.Stderr != "" {
		env["PULUMI_COMMAND_STDERR"] = out.Stderr
	}
	return env
}

// NewID makes the random id of a new resource: the prefix and 8 hexadecimal digits.
func NewID(prefix string) (string, error) { return resource.NewUniqueHex(prefix, 8, 0) }
