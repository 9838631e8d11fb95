package remote

import (
	"context"
	"fmt"
	"net"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/retry"
	"golang.org/x/crypto/ssh"
)

// dial opens a connection, through the proxy if there is one, and closes it when ctx is cancelled.
// A failed dial is repeated dialErrorLimit times with growing pauses; a host key that does not match
// counts as a failed dial.
func (c *Connection) dial(ctx context.Context) (*ssh.Client, error) {
	config, err := c.clientConfig()
	if err != nil {
		return nil, err
	}
	open := func() (*ssh.Client, error) { return ssh.Dial("tcp", c.address(), config) }
	if c.Proxy != nil {
		bastion, err := c.Proxy.dial(ctx)
		if err != nil {
			return nil, fmt.Errorf("proxy: %w", err)
		}
		open = func() (*ssh.Client, error) { return dialThrough(bastion, c.address(), config) }
	}
	return retried(ctx, c.Endpoint, open)
}

func (c *ProxyConnection) dial(ctx context.Context) (*ssh.Client, error) {
	config, err := c.clientConfig()
	if err != nil {
		return nil, err
	}
	return retried(ctx, c.Endpoint, func() (*ssh.Client, error) {
		return ssh.Dial("tcp", c.address(), config)
	})
}

func dialThrough(bastion *ssh.Client, address string, config *ssh.ClientConfig) (*ssh.Client, error) {
	var conn net.Conn
	conn, err := bastion.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	client, channels, requests, err := ssh.NewClientConn(conn, address, config)
	if err != nil {
		_ = conn.Close() // The handshake's error is the one to report.
		return nil, err
	}
	return ssh.NewClient(client, channels, requests), nil
}

// retried dials until it succeeds, ctx ends, or the endpoint's limit is exceeded.
func retried(ctx context.Context, e Endpoint, open func() (*ssh.Client, error)) (*ssh.Client, error) {
	limit := orDefault(e.DialErrorLimit, defaultDialErrorLimit)
	_, client, err := retry.Until(ctx, retry.Acceptor{
		Accept: func(try int, _ time.Duration) (bool, any, error) {
			client, err := open()
			if err == nil {
				return true, client, nil
			}
			if limit >= 0 && try >= limit {
				return false, nil, fmt.Errorf("%s: after %d failed attempts: %w", e.address(), try+1, err)
			}
			p.GetLogger(ctx).InfoStatusf("Dial %s %d/%d failed: %v: retrying", e.address(), try+1, limit, err)
			return false, nil, nil
		},
	})
	if err != nil {
		return nil, err
	}
	connected, ok := client.(*ssh.Client)
	if !ok { // retry.Until gives no client and no error when the context ended.
		return nil, fmt.Errorf("%s: %w", e.address(), ctx.Err())
	}
	context.AfterFunc(ctx, func() {
		_ = connected.Close() // A cancelled command fails with the session's own error.
	})
	return connected, nil
}
