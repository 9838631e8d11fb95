package Run;

# Runs programs and edits files without a shell.
use strict;
use warnings;
use Cwd qw(realpath);
use Exporter 'import';
use File::Basename qw(dirname basename);
use Errno ();
use File::Temp qw(tempfile);
our @EXPORT_OK = qw(capture installed slurp replace_file);

# Runs a program; (exit status, stdout, stderr). INPUT goes to its stdin. Output is read from files, so
# that no amount of it can block.
sub capture {
  my ($command, $input) = @_;
  open my $in, '+>', undef or die "No temporary file: $!\n";
  print {$in} $input // '';
  seek $in, 0, 0;
  open my $out, '+>', undef or die "No temporary file: $!\n";
  open my $error, '+>', undef or die "No temporary file: $!\n";
  my $pid = fork // die "Unable to start $command->[0]: $!\n";
  if ($pid == 0) {
    open STDIN,  '<&', $in;
    open STDOUT, '>&', $out;
    open STDERR, '>&', $error;
    no warnings 'exec';
    exec { $command->[0] } @$command or exit 127;
  }
  waitpid $pid, 0;
  my $status = $?;
  my @texts = map { seek $_, 0, 0; local $/; scalar(<$_>) // '' } $out, $error;
  return ($status, @texts);
}

# True if a program of that name is on PATH.
sub installed {
  my ($name) = @_;
  return scalar grep { -x "$_/$name" } split /:/, $ENV{PATH} // '';
}

sub slurp {
  my ($file) = @_;
  open my $handle, '<:raw', $file or die "Unable to read $file: $!\n";
  local $/;
  return scalar(<$handle>) // '';
}

# Puts a text in the place of a file, by rename: mode and owner stay, and a link still points to the file.
sub replace_file {
  my ($file, $text) = @_;
  my $path = realpath($file);
  my ($mode, $user, $group) = (stat $path)[ 2, 4, 5 ];
  # Hidden, so that a reader of the whole folder does not meet it.
  my ($handle, $new) = tempfile('.' . basename($path) . '.XXXXXX', DIR => dirname($path));
  binmode $handle;
  (print {$handle} $text) && close $handle or die "Unable to write $new: $!\n";
  chmod $mode & 07777, $new;
  chown $user, $group, $new;
  return if rename $new, $path;
  my $busy = $!{EBUSY};
  unlink $new;
  die "Unable to replace $path: $!\n" unless $busy;
  # A file that is a mount point can only be written in place.
  open my $place, '>:raw', $path or die "Unable to write $path: $!\n";
  (print {$place} $text) && close $place or die "Unable to write $path: $!\n";
}

1;
