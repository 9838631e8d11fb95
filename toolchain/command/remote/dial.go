package remote

import (
	"context"
	"fmt"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/retry"
	"golang.org/x/crypto/ssh"
)

// dial opens a connection, through the proxy if there is one. A failed dial is repeated dialErrorLimit
// times with growing pauses; a host key that does not match counts as a failed dial.
func (c *Connection) dial(ctx context.Context) (*ssh.Client, error) {
	config, err := c.clientConfig()
	if err != nil {
		return nil, err
	}
	if c.Proxy == nil {
		return retried(ctx, c.Endpoint, func() (*ssh.Client, error) { return ssh.Dial("tcp", c.address(), config) })
	}
	client, err := c.dialThroughProxy(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	return client, nil
}

func (c *Connection) dialThroughProxy(ctx context.Context, config *ssh.ClientConfig) (*ssh.Client, error) {
	proxyConfig, err := c.Proxy.clientConfig()
	if err != nil {
		return nil, err
	}
	bastion, err := retried(ctx, c.Proxy.Endpoint, func() (*ssh.Client, error) {
		return ssh.Dial("tcp", c.Proxy.address(), proxyConfig)
	})
	if err != nil {
		return nil, err
	}
	return retried(ctx, c.Endpoint, func() (*ssh.Client, error) {
		conn, err := bastion.Dial("tcp", c.address())
		if err != nil {
			return nil, err
		}
		client, channels, requests, err := ssh.NewClientConn(conn, c.address(), config)
		if err != nil {
			_ = conn.Close() // The handshake's error is the one to report.
			return nil, err
		}
		return ssh.NewClient(client, channels, requests), nil
	})
}

// retried dials until it succeeds, ctx ends, or the endpoint's limit is exceeded. Its errors don't name
// the host: the official plugin's don't either, so the program must not rely on it.
func retried(ctx context.Context, e Endpoint, open func() (*ssh.Client, error)) (*ssh.Client, error) {
	limit := orDefault(e.DialErrorLimit, defaultDialErrorLimit)
	_, client, err := retry.Until(ctx, retry.Acceptor{
		Accept: func(try int, _ time.Duration) (bool, any, error) {
			client, err := open()
			if err == nil {
				return true, client, nil
			}
			if limit >= 0 && try >= limit {
				return false, nil, fmt.Errorf("after %d failed attempts: %w", try, err)
			}
			p.GetLogger(ctx).InfoStatusf("Dial %d/%d failed: retrying", try+1, limit)
			return false, nil, nil
		},
	})
	if err != nil {
		return nil, err
	}
	connected, ok := client.(*ssh.Client)
	if !ok { // retry.Until returns neither a client nor an error when the context has ended.
		return nil, ctx.Err()
	}
	return connected, nil
}
