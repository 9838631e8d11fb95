#!/usr/bin/perl
# Answers on every TCP port given that is still free, by IPv4 and IPv6, and echoes on the UDP ports behind a
# dash: listen.pl TCP... - UDP... Says `ready` once it listens. perl-base alone.
use strict;
use warnings;
use IO::Socket::IP;
use Socket;

my (@streams, @datagrams);
my $list = \@streams;
for my $word (@ARGV) {
    if ($word eq '-') { $list = \@datagrams; next }
    my $stream = $list == \@streams;
    my @kind = $stream ? (Type => SOCK_STREAM, Listen => 64) : (Type => SOCK_DGRAM);
    my $socket = IO::Socket::IP->new(LocalHost => '::', LocalPort => $word, V6Only => 0, ReuseAddr => $stream, @kind);
    push @$list, $socket if $socket;
}
$| = 1;
print "ready\n";
open STDOUT, '>', '/dev/null' or die;
my %stream = map { (fileno $_ => $_) } @streams;
my %datagram = map { (fileno $_ => $_) } @datagrams;
while (1) {
    my $ready = '';
    vec($ready, $_, 1) = 1 for keys %stream, keys %datagram;
    select $ready, undef, undef, undef;
    for (keys %stream) { if (vec $ready, $_, 1) { my $peer = $stream{$_}->accept; close $peer if $peer } }
    for (keys %datagram) {
        next unless vec $ready, $_, 1;
        my $from = recv $datagram{$_}, my $data, 2000, 0;
        send $datagram{$_}, $data, 0, $from if $from;
    }
}
