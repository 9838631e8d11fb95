package remote

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/pulumi/pulumi-go-provider/infer"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// Endpoint is one SSH server and how to log in there. The secrets are marked one by one, although the
// whole connection is a secret: the official plugin does so, and the state holds these marks.
type Endpoint struct {
	User               *string  `pulumi:"user,optional"`
	Password           *string  `pulumi:"password,optional" provider:"secret"`
	Host               *string  `pulumi:"host"`
	Port               *float64 `pulumi:"port,optional"`
	PrivateKey         *string  `pulumi:"privateKey,optional" provider:"secret"`
	PrivateKeyPassword *string  `pulumi:"privateKeyPassword,optional" provider:"secret"`
	AgentSocketPath    *string  `pulumi:"agentSocketPath,optional"`
	HostKey            *string  `pulumi:"hostKey,optional"`
	DialErrorLimit     *int     `pulumi:"dialErrorLimit,optional"`
	PerDialTimeout     *int     `pulumi:"perDialTimeout,optional"`
}

// Annotate sets the defaults: root, port 22, 10 repeated dials, 15 s for each.
func (e *Endpoint) Annotate(a infer.Annotator) {
	a.SetDefault(&e.User, defaultUser)
	a.SetDefault(&e.Port, defaultPort)
	a.SetDefault(&e.DialErrorLimit, defaultDialErrorLimit)
	a.SetDefault(&e.PerDialTimeout, defaultPerDialTimeout)
	a.Describe(&e.HostKey, "One public key in the form of authorized_keys. Without it any host key is accepted.")
	a.Describe(&e.DialErrorLimit, "How many failed dials are repeated; -1 means no limit.")
	a.Describe(&e.PerDialTimeout, "Seconds for one dial; 0 means no limit.")
}

const (
	defaultUser           = "root"
	defaultPort           = 22
	defaultDialErrorLimit = 10
	defaultPerDialTimeout = 15
)

// Connection is the server that a command runs on, and the bastion on the way to it, if any.
type Connection struct {
	Endpoint
	Proxy *ProxyConnection `pulumi:"proxy,optional"`
}

// ProxyConnection is the bastion through which the server is reached.
type ProxyConnection struct{ Endpoint }

func orDefault[T any](value *T, fallback T) T {
	if value == nil {
		return fallback
	}
	return *value
}

// address is host:port for a dial.
func (e *Endpoint) address() string {
	return net.JoinHostPort(orDefault(e.Host, ""), strconv.Itoa(int(orDefault(e.Port, defaultPort))))
}

// clientConfig reads keys and agent; a bad key or a missing agent is an error and never repeated.
func (e *Endpoint) clientConfig() (*ssh.ClientConfig, error) {
	config := &ssh.ClientConfig{
		User:    orDefault(e.User, defaultUser),
		Timeout: time.Duration(orDefault(e.PerDialTimeout, defaultPerDialTimeout)) * time.Second,
	}
	if err := e.expectHostKey(config); err != nil {
		return nil, err
	}
	if e.PrivateKey != nil {
		signer, err := e.signer()
		if err != nil {
			return nil, fmt.Errorf("connection.privateKey of %s: %w", e.address(), err)
		}
		config.Auth = append(config.Auth, ssh.PublicKeys(signer))
	}
	if e.Password != nil {
		config.Auth = append(config.Auth, ssh.Password(*e.Password), ssh.KeyboardInteractive(e.answer))
	}
	if socket := orDefault(e.AgentSocketPath, os.Getenv("SSH_AUTH_SOCK")); socket != "" {
		conn, err := net.Dial("unix", socket)
		if err != nil {
			return nil, fmt.Errorf("SSH agent: %w", err)
		}
		config.Auth = append(config.Auth, ssh.PublicKeysCallback(agent.NewClient(conn).Signers))
	}
	return config, nil
}

// expectHostKey accepts only the given key and, as the official plugin does, any key if none is given.
// Only algorithms named like the key's type are offered, so that a server with several keys shows this
// one. For an RSA key that is ssh-rsa, a signature with SHA-1 that no current server makes (OpenSSH 8.8
// release notes, "Potentially-incompatible changes"), so the handshake fails.
func (e *Endpoint) expectHostKey(config *ssh.ClientConfig) error {
	if e.HostKey == nil {
		config.HostKeyCallback = ssh.InsecureIgnoreHostKey()
		return nil
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(*e.HostKey))
	if err != nil {
		return fmt.Errorf("failed to parse host key: %w", err)
	}
	config.HostKeyCallback = ssh.FixedHostKey(key)
	config.HostKeyAlgorithms = []string{key.Type()}
	return nil
}

// signer decrypts the private key; the key's text is in no error.
func (e *Endpoint) signer() (ssh.Signer, error) {
	if e.PrivateKeyPassword != nil {
		return ssh.ParsePrivateKeyWithPassphrase([]byte(*e.PrivateKey), []byte(*e.PrivateKeyPassword))
	}
	signer, err := ssh.ParsePrivateKey([]byte(*e.PrivateKey))
	var missing *ssh.PassphraseMissingError
	if errors.As(err, &missing) {
		return nil, errors.New("it is encrypted; give connection.privateKeyPassword")
	}
	return signer, err
}

// answer gives the password to every question of a server that asks instead of taking it.
func (e *Endpoint) answer(_, _ string, questions []string, _ []bool) ([]string, error) {
	answers := make([]string, len(questions))
	for i := range answers {
		answers[i] = *e.Password
	}
	return answers, nil
}
