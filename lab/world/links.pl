#!/usr/bin/perl
# Asks the kernel for the links and addresses of network namespaces, without a process for each question
# and without a hold on the namespace between two. A line on stdin is the path of a namespace; the answer
# is a line with the messages of both dumps in hex, or with `!` and what went wrong.
use strict;
use warnings;
use POSIX ();
use Socket qw(SOCK_RAW);

use constant { CLONE_NEWNET => 0x40000000, AF_NETLINK => 16, NLMSG_ERROR => 2, NLMSG_DONE => 3 };
use constant { RTM_GETLINK => 18, RTM_GETADDR => 22, REQUEST_DUMP => 0x301 };

my %SETNS = (x86_64 => 308, aarch64 => 268);
my $machine = (POSIX::uname())[4];
my $setns = $SETNS{$machine} // die "links.pl does not know the number of setns on $machine\n";

sub enter {
  my ($namespace) = @_;
  syscall($setns, fileno($namespace), CLONE_NEWNET) == 0 or die "setns: $!\n";
}

# All messages of one dump, the closing one left out.
sub dump_of {
  my ($socket, $type) = @_;
  my $body = pack('C16', (0) x 16);
  defined(syswrite $socket, pack('L S S L L', 32, $type, REQUEST_DUMP, $type, 0) . $body)
    or die "netlink: $!\n";
  my $all = '';
  while (1) {
    defined(sysread $socket, my $part, 65536) or die "netlink: $!\n";
    for (my $at = 0; $at + 16 <= length $part;) {
      my ($length, $kind) = unpack 'L S', substr $part, $at, 16;
      return $all if $kind == NLMSG_DONE;
      die "netlink refused a dump\n" if $kind == NLMSG_ERROR || $length < 16;
      my $aligned = ($length + 3) & ~3;
      my $message = substr $part, $at, $aligned;
      $all .= $message . "\0" x ($aligned - length $message);
      $at += $aligned;
    }
  }
}

open my $home, '<', '/proc/self/ns/net' or die "/proc/self/ns/net: $!\n";
$| = 1;
while (defined(my $path = <STDIN>)) {
  chomp $path;
  my $answer = eval {
    open my $namespace, '<', $path or die "$path: $!\n";
    enter($namespace);
    # The socket stays in the namespace where it was created, whichever process uses it.
    my $made = socket my $socket, AF_NETLINK, SOCK_RAW, 0;
    my $why = $!;
    # Anything asked from the wrong namespace would be a lie.
    eval { enter($home); 1 } or exit 1;
    $made or die "netlink: $why\n";
    dump_of($socket, RTM_GETLINK) . dump_of($socket, RTM_GETADDR);
  };
  print defined $answer ? unpack('H*', $answer) : "!" . $@ =~ s/\s+/ /gr, "\n";
}
