package remote

import (
	"github.com/pulumi/pulumi-go-provider/infer"

	"proximity-lan/toolchain/command/internal/streams"
)

// Logging says which streams of a command are shown while it runs; unset shows both.
type Logging string

// Values lists what the input logging takes.
func (Logging) Values() []infer.EnumValue[Logging] {
	return []infer.EnumValue[Logging]{
		{Name: "Stdout", Value: streams.LogStdout},
		{Name: "Stderr", Value: streams.LogStderr},
		{Name: "StdoutAndStderr", Value: streams.LogBoth},
		{Name: "None", Value: streams.LogNone},
	}
}

// OrDefault is the chosen value, or "" when nothing was chosen.
func (l *Logging) OrDefault() string {
	if l == nil {
		return ""
	}
	return string(*l)
}
