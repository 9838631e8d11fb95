package remote

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/pkg/sftp"
)

// upload puts local things on the server; every error names the remote path.
type upload struct{ sftp *sftp.Client }

// text writes a text to a file; a folder of that name is an error, for the text has no name.
func (u upload) text(text, remote string) error {
	isDir, err := u.isDir(remote)
	if err != nil {
		return err
	}
	if isDir {
		return fmt.Errorf("remote path %s is a folder; for a text it must be a file", remote)
	}
	if err := u.makeParents(remote); err != nil {
		return err
	}
	return u.write(strings.NewReader(text), remote)
}

// path copies as cp does: a file into an existing folder or to the path itself; a folder under its
// own name into the path, or, written with a slash at its end, only what is in it.
func (u upload) path(local, remote string) error {
	info, err := os.Stat(local)
	if err != nil {
		return err
	}
	if info.IsDir() {
		if err := u.makeParents(remote); err != nil {
			return err
		}
		if err := u.makeDir(remote); err != nil {
			return err
		}
		if !strings.HasSuffix(local, "/") {
			remote = path.Join(remote, filepath.Base(local))
		}
		return u.folder(local, remote)
	}
	isDir, err := u.isDir(remote)
	if err != nil {
		return err
	}
	if isDir {
		remote = path.Join(remote, filepath.Base(local))
	} else if err := u.makeParents(remote); err != nil {
		return err
	}
	return u.file(local, remote)
}

func (u upload) makeParents(remote string) error {
	if err := u.sftp.MkdirAll(path.Dir(remote)); err != nil {
		return fmt.Errorf("cannot create the parent folders of remote path %s: %w", remote, err)
	}
	return nil
}

func (u upload) folder(local, remote string) error {
	return filepath.WalkDir(local, func(from string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(local, from)
		if err != nil {
			return err
		}
		to := path.Join(remote, filepath.ToSlash(relative))
		if entry.IsDir() {
			return u.makeDir(to)
		}
		return u.file(from, to)
	})
}

// makeDir makes one folder; one that is there already is fine, a file of that name is not.
func (u upload) makeDir(remote string) error {
	info, err := u.sftp.Stat(remote)
	switch {
	case err == nil && info.IsDir():
		return nil
	case err == nil:
		return fmt.Errorf("remote path %s exists but is not a folder", remote)
	case !isMissing(err):
		return fmt.Errorf("remote path %s: %w", remote, err)
	}
	if err := u.sftp.Mkdir(remote); err != nil {
		return fmt.Errorf("cannot make remote folder %s: %w", remote, err)
	}
	return nil
}

func (u upload) isDir(remote string) (bool, error) {
	info, err := u.sftp.Stat(remote)
	if isMissing(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("remote path %s: %w", remote, err)
	}
	return info.IsDir(), nil
}

func (u upload) file(local, remote string) error {
	from, err := os.Open(local)
	if err != nil {
		return err
	}
	defer func() {
		_ = from.Close() // Only read from: closing it can lose nothing.
	}()
	return u.write(from, remote)
}

// write replaces the file's content; a failed close counts, for a full disk may show only then.
func (u upload) write(content io.Reader, remote string) error {
	to, err := u.sftp.Create(remote)
	if err != nil {
		return fmt.Errorf("cannot create remote file %s: %w", remote, err)
	}
	if _, err = io.Copy(to, content); err == nil {
		err = to.Close()
	} else {
		_ = to.Close() // The copy's error is the one to report.
	}
	if err != nil {
		return fmt.Errorf("cannot write remote file %s: %w", remote, err)
	}
	return nil
}

// isMissing tells "there is no such file" from other errors; SFTP errors are mapped to os errors.
func isMissing(err error) bool { return errors.Is(err, os.ErrNotExist) }
