package remote

import (
	"context"
	"errors"

	"github.com/pkg/sftp"
	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi-go-provider/infer/types"

	"proximity-lan/toolchain/command/internal/lifecycle"
)

// CopyToRemote is the resource command:remote:CopyToRemote: a file, a text or a folder put on a
// server over SFTP. Deleting the resource leaves the copy where it is.
type CopyToRemote struct{}

// CopyToRemoteInputs are the inputs of CopyToRemote; the connection is always a secret.
type CopyToRemoteInputs struct {
	Connection *Connection          `pulumi:"connection" provider:"secret"`
	Triggers   *[]any               `pulumi:"triggers,optional" provider:"replaceOnChanges"`
	Source     types.AssetOrArchive `pulumi:"source"`
	RemotePath string               `pulumi:"remotePath"`
}

// CopyToRemoteOutputs are the stored inputs.
type CopyToRemoteOutputs struct{ CopyToRemoteInputs }

// Check refuses a source that is neither a file, a text nor a folder on this machine.
func (*CopyToRemote) Check(
	ctx context.Context, req infer.CheckRequest,
) (infer.CheckResponse[CopyToRemoteInputs], error) {
	in, failures, err := infer.DefaultCheck[CopyToRemoteInputs](ctx, req.NewInputs)
	if err == nil && len(failures) == 0 {
		if problem := in.sourceProblem(); problem != "" {
			failures = append(failures, p.CheckFailure{Property: "source", Reason: problem})
		}
	}
	return infer.CheckResponse[CopyToRemoteInputs]{Inputs: in, Failures: failures}, err
}

// sourceProblem is "" for a source that can be copied.
func (in CopyToRemoteInputs) sourceProblem() string {
	asset, archive := in.Source.Asset, in.Source.Archive
	switch {
	case asset != nil && !asset.IsPath() && !asset.IsText():
		return "an asset must be a FileAsset or a StringAsset"
	case archive != nil && !archive.IsPath():
		return "an archive must be a FileArchive of a file or folder"
	}
	return ""
}

// Create copies the source.
func (*CopyToRemote) Create(
	ctx context.Context, req infer.CreateRequest[CopyToRemoteInputs],
) (infer.CreateResponse[CopyToRemoteOutputs], error) {
	resp := infer.CreateResponse[CopyToRemoteOutputs]{Output: CopyToRemoteOutputs{req.Inputs}}
	if req.DryRun {
		return resp, nil
	}
	if err := req.Inputs.copy(ctx); err != nil {
		return resp, err
	}
	var err error
	resp.ID, err = lifecycle.NewID("")
	return resp, err
}

// Update copies again when the source's content or the path changed; another connection alone only
// replaces the stored one.
func (*CopyToRemote) Update(
	ctx context.Context, req infer.UpdateRequest[CopyToRemoteInputs, CopyToRemoteOutputs],
) (infer.UpdateResponse[CopyToRemoteOutputs], error) {
	resp := infer.UpdateResponse[CopyToRemoteOutputs]{Output: CopyToRemoteOutputs{req.Inputs}}
	same := req.Inputs.hash() == req.State.hash() && req.Inputs.RemotePath == req.State.RemotePath
	if req.DryRun || same {
		return resp, nil
	}
	return resp, req.Inputs.copy(ctx)
}

func (in CopyToRemoteInputs) hash() string {
	if in.Source.Asset != nil {
		return in.Source.Asset.Hash
	}
	if in.Source.Archive != nil {
		return in.Source.Archive.Hash
	}
	return ""
}

// copy dials, opens SFTP and copies what the source is.
func (in CopyToRemoteInputs) copy(ctx context.Context) error {
	client, err := in.Connection.dial(ctx)
	if err != nil {
		return err
	}
	defer func() {
		_ = client.Close() // Everything is written and closed by now, or there is an error to report.
	}()
	files, err := sftp.NewClient(client)
	if err != nil {
		return err
	}
	if asset := in.Source.Asset; asset != nil {
		if asset.IsText() {
			return upload{files}.text(asset.Text, in.RemotePath)
		}
		return upload{files}.path(asset.Path, in.RemotePath)
	}
	if in.Source.Archive == nil {
		return errors.New("source has neither an asset nor an archive")
	}
	return upload{files}.path(in.Source.Archive.Path, in.RemotePath)
}
