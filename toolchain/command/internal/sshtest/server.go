// Package sshtest is a small SSH server on loopback for tests: it runs commands with /bin/sh, forwards
// as a bastion does, and serves files over SFTP.
package sshtest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/crypto/ssh"
)

// Password is what the server takes from any user who does not come with a key.
const Password = "a password"

// Server is one running server; its fields are set before the first connection.
type Server struct {
	Port          int
	HostKey       string   // as in authorized_keys
	PrivateKey    string   // of a user that the server lets in, PEM
	AcceptEnv     []string // names of variables that it accepts
	PasswordOnly  bool     // refuse keys
	AskPassword   bool     // keyboard-interactive instead of password
	RefuseFirst   int32    // how many connections are closed at once
	connections   atomic.Int32
	mu            sync.Mutex
	commands      []string
	users         []string
	forwarded     []string
	authorizedKey []byte
	hostSigners   []ssh.Signer
	open          atomic.Int32
}

// Start starts a server that ends with the test.
func Start(t *testing.T) *Server {
	t.Helper()
	host, _ := newKey(t)
	user, private := newKey(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := listener.Close(); err != nil {
			t.Errorf("stopping the SSH server: %v", err)
		}
	})
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		t.Fatalf("not a TCP address: %v", listener.Addr())
	}
	s := &Server{
		Port:          address.Port,
		HostKey:       string(bytes.TrimSpace(ssh.MarshalAuthorizedKey(host.PublicKey()))),
		PrivateKey:    private,
		authorizedKey: user.PublicKey().Marshal(),
		hostSigners:   []ssh.Signer{host},
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // The listener was closed: the test is over.
			}
			go s.serve(conn)
		}
	}()
	return s
}

// NewHostKey is the public key of no server.
func NewHostKey(t *testing.T) string {
	t.Helper()
	key, _ := newKey(t)
	return string(bytes.TrimSpace(ssh.MarshalAuthorizedKey(key.PublicKey())))
}

// AddECDSAKey gives the server a further host key, before its next connection, and returns the public one.
func (s *Server) AddECDSAKey(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return s.addHostKey(signer)
}

// AddRSAKey is AddECDSAKey for an RSA key that signs as OpenSSH's server does, by SHA-2 only.
func (s *Server) AddRSAKey(t *testing.T) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	algorithms, ok := signer.(ssh.AlgorithmSigner)
	if !ok {
		t.Fatal("an RSA key that cannot choose its algorithm")
	}
	sha2, err := ssh.NewSignerWithAlgorithms(algorithms, []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256})
	if err != nil {
		t.Fatal(err)
	}
	return s.addHostKey(sha2)
}

func (s *Server) addHostKey(signer ssh.Signer) string {
	s.hostSigners = append(s.hostSigners, signer)
	return string(bytes.TrimSpace(ssh.MarshalAuthorizedKey(signer.PublicKey())))
}

func newKey(t *testing.T) (ssh.Signer, string) {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(key, "")
	if err != nil {
		t.Fatal(err)
	}
	return signer, string(pem.EncodeToMemory(block))
}

// Commands are the commands that were run so far, in order.
func (s *Server) Commands() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.commands)
}

// Users are the names under which clients logged in.
func (s *Server) Users() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.users)
}

// Forwarded are the addresses that clients asked to be connected to.
func (s *Server) Forwarded() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.forwarded)
}

// Connections is the number of connections so far, the refused ones included.
func (s *Server) Connections() int { return int(s.connections.Load()) }

// Open is the number of connections that are open now.
func (s *Server) Open() int { return int(s.open.Load()) }

func (s *Server) config() *ssh.ServerConfig {
	refused := errors.New("refused")
	password := func(given string) (*ssh.Permissions, error) {
		if given != Password {
			return nil, refused
		}
		return nil, nil
	}
	config := &ssh.ServerConfig{}
	for _, signer := range s.hostSigners {
		config.AddHostKey(signer)
	}
	config.PublicKeyCallback = func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if s.PasswordOnly || !bytes.Equal(key.Marshal(), s.authorizedKey) {
			return nil, refused
		}
		return nil, nil
	}
	if s.AskPassword {
		config.KeyboardInteractiveCallback = func(
			_ ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge,
		) (*ssh.Permissions, error) {
			answers, err := ask("", "", []string{"Password: "}, []bool{false})
			if err != nil {
				return nil, err
			}
			return password(strings.Join(answers, ""))
		}
	} else {
		config.PasswordCallback = func(_ ssh.ConnMetadata, given []byte) (*ssh.Permissions, error) {
			return password(string(given))
		}
	}
	return config
}
