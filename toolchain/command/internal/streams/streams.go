// Package streams captures what a command prints and passes it on, line by line, while it runs.
package streams

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"

	"proximity-lan/toolchain/command/internal/lifecycle"
)

// Which of the streams are shown while the command runs: the values of the input logging.
const (
	LogNone   = "none"
	LogStdout = "stdout"
	LogStderr = "stderr"
	LogBoth   = "stdoutAndStderr"
)

// Capture keeps both streams of one run, apart and in the order of arrival.
type Capture struct {
	mu     sync.Mutex
	both   bytes.Buffer
	stdout stream
	stderr stream
}

type stream struct {
	owner *Capture
	all   bytes.Buffer
	line  []byte       // what came since the last newline
	show  func(string) // nil when this stream is not shown
}

// New captures; log gets each whole line of the streams that logging ("" means both) names.
func New(logging string, log func(line string)) *Capture {
	c := &Capture{}
	c.stdout.owner, c.stderr.owner = c, c
	if logging == "" || logging == LogBoth || logging == LogStdout {
		c.stdout.show = log
	}
	if logging == "" || logging == LogBoth || logging == LogStderr {
		c.stderr.show = log
	}
	return c
}

// Stdout is the writer for the command's standard output.
func (c *Capture) Stdout() io.Writer { return &c.stdout }

// Stderr is the writer for the command's standard error.
func (c *Capture) Stderr() io.Writer { return &c.stderr }

// Write never fails; the two streams may be written at the same time.
func (s *stream) Write(data []byte) (int, error) {
	s.owner.mu.Lock()
	defer s.owner.mu.Unlock()
	s.owner.both.Write(data)
	s.all.Write(data)
	if s.show == nil {
		return len(data), nil
	}
	s.line = append(s.line, data...)
	for {
		end := bytes.IndexByte(s.line, '\n')
		if end < 0 {
			return len(data), nil
		}
		s.show(string(s.line[:end]))
		s.line = s.line[end+1:]
	}
}

// Finish ends the capture of a run that ended with err, and shows a last line without a newline.
// The error of a failed run names the command and has both streams: no secret belongs in either.
func (c *Capture) Finish(command string, err error) (lifecycle.Outputs, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range []*stream{&c.stdout, &c.stderr} {
		if len(s.line) > 0 {
			s.show(string(s.line))
			s.line = nil
		}
	}
	if err != nil {
		return lifecycle.Outputs{}, fmt.Errorf("%w: running %q:\n%s", err, command, c.both.String())
	}
	return lifecycle.Outputs{
		Stdout: strings.TrimSuffix(c.stdout.all.String(), "\n"),
		Stderr: strings.TrimSuffix(c.stderr.all.String(), "\n"),
	}, nil
}
