package sshtest

import (
	"errors"
	"io"
	"net"
	"os/exec"
	"slices"
	"strconv"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

func (s *Server) serve(conn net.Conn) {
	defer conn.Close()
	if s.connections.Add(1) <= s.RefuseFirst {
		return
	}
	s.open.Add(1)
	defer s.open.Add(-1)
	server, channels, requests, err := ssh.NewServerConn(conn, s.config())
	if err != nil {
		return // The client was refused, or hung up.
	}
	s.mu.Lock()
	s.users = append(s.users, server.User())
	s.mu.Unlock()
	go ssh.DiscardRequests(requests)
	for channel := range channels {
		switch channel.ChannelType() {
		case "session":
			go s.session(channel)
		case "direct-tcpip":
			go s.forward(channel)
		default:
			_ = channel.Reject(ssh.UnknownChannelType, "") // A client that is gone needs no answer.
		}
	}
}

func (s *Server) session(newChannel ssh.NewChannel) {
	channel, requests, err := newChannel.Accept()
	if err != nil {
		return
	}
	defer channel.Close()
	var env []string
	for request := range requests {
		switch request.Type {
		case "env":
			var variable struct{ Name, Value string }
			accepted := ssh.Unmarshal(request.Payload, &variable) == nil &&
				slices.Contains(s.AcceptEnv, variable.Name)
			if accepted {
				env = append(env, variable.Name+"="+variable.Value)
			}
			_ = request.Reply(accepted, nil)
		case "exec":
			var exec struct{ Command string }
			_ = request.Reply(ssh.Unmarshal(request.Payload, &exec) == nil, nil)
			s.run(channel, exec.Command, env)
			return
		case "subsystem":
			_ = request.Reply(true, nil)
			if files, err := sftp.NewServer(channel); err == nil {
				_ = files.Serve() // It ends with the connection, always with an error.
			}
			return
		default:
			_ = request.Reply(false, nil)
		}
	}
}

func (s *Server) run(channel ssh.Channel, command string, env []string) {
	s.mu.Lock()
	s.commands = append(s.commands, command)
	s.mu.Unlock()
	cmd := exec.Command("/bin/sh", "-c", command)
	cmd.Env = append([]string{"PATH=/usr/bin:/bin"}, env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = channel, channel, channel.Stderr()
	err := cmd.Run()
	status := uint32(0)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		status = uint32(exit.ExitCode())
	} else if err != nil {
		status = 255
	}
	_, _ = channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{status}))
}

func (s *Server) forward(newChannel ssh.NewChannel) {
	var wanted struct {
		Host       string
		Port       uint32
		OriginHost string
		OriginPort uint32
	}
	if err := ssh.Unmarshal(newChannel.ExtraData(), &wanted); err != nil {
		_ = newChannel.Reject(ssh.ConnectionFailed, err.Error())
		return
	}
	address := net.JoinHostPort(wanted.Host, strconv.Itoa(int(wanted.Port)))
	s.mu.Lock()
	s.forwarded = append(s.forwarded, address)
	s.mu.Unlock()
	target, err := net.Dial("tcp", address)
	if err != nil {
		_ = newChannel.Reject(ssh.ConnectionFailed, err.Error())
		return
	}
	channel, requests, err := newChannel.Accept()
	if err != nil {
		_ = target.Close()
		return
	}
	go ssh.DiscardRequests(requests)
	go func() {
		_, _ = io.Copy(channel, target) // A broken line shows on the side that waits for an answer.
		_ = channel.Close()
	}()
	_, _ = io.Copy(target, channel)
	_ = target.Close()
}
