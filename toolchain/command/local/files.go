package local

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/gobwas/glob"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// collect reads the files that assetPaths and archivePaths name, relative to the command's folder.
func (c *CommandOutputs) collect(dir string) error {
	if dir == "" {
		var err error
		if dir, err = os.Getwd(); err != nil {
			return err
		}
	}
	if c.AssetPaths != nil {
		found, err := matching(dir, *c.AssetPaths)
		if err != nil {
			return fmt.Errorf("assetPaths: %w", err)
		}
		c.Assets = &found
	}
	if c.ArchivePaths != nil {
		found, err := matching(dir, *c.ArchivePaths)
		if err != nil {
			return fmt.Errorf("archivePaths: %w", err)
		}
		members := make(map[string]any, len(found))
		for name, asset := range found {
			members[name] = asset
		}
		if c.Archive, err = resource.NewAssetArchive(members); err != nil {
			return fmt.Errorf("archivePaths: %w", err)
		}
	}
	return nil
}

// matching finds the files under dir that the patterns name: a later pattern wins, one that begins
// with "!" takes files out, "*" stops at "/" and "**" does not.
func matching(dir string, patterns []string) (map[string]*resource.Asset, error) {
	found := map[string]*resource.Asset{}
	globs := make([]glob.Glob, len(patterns))
	for i, pattern := range patterns {
		compiled, err := glob.Compile(strings.TrimPrefix(pattern, "!"), '/')
		if err != nil {
			return nil, fmt.Errorf("pattern %q: %w", pattern, err)
		}
		globs[i] = compiled
	}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		wanted := false
		for i, g := range globs {
			if g.Match(name) {
				wanted = !strings.HasPrefix(patterns[i], "!")
			}
		}
		if wanted {
			found[name], err = resource.NewPathAsset(path.Join(dir, name))
		}
		return err
	})
	return found, err
}
