#!/usr/bin/perl
# Asks for a page at a steady rate, each time by a connection of its own, until the file STOP is there:
#   load.pl HOST PORT PATH RATE STOP
# Prints `ASKED SECONDS`, then each kind of failure with its number; a request fails when anything but a
# whole answer 200 comes within 5 s. perl-base alone.
use strict;
use warnings;
use IO::Socket::INET;

my ($host, $port, $path, $rate, $stop) = @ARGV;
my $workers = 8;
my $start = now();
my @pipes = map { start($_) } 0 .. $workers - 1;
my ($asked, %failed) = (0);
for my $pipe (@pipes) {
    while (<$pipe>) { chomp; if (/^asked (\d+)/) { $asked += $1 } else { $failed{$_}++ } }
}
printf "%d %.1f\n", $asked, now() - $start;
print "$failed{$_} $_\n" for sort keys %failed;

# Seconds with fractions: perl-base has no clock of its own that is finer than one.
sub now {
    open my $uptime, '<', '/proc/uptime' or die "/proc/uptime: $!\n";
    return <$uptime> =~ s/ .*//sr;
}

sub start {
    my $pid = open(my $from, '-|') // die "fork: $!\n";
    return $from if $pid;
    work($_[0]);
}

sub work {
    my ($worker) = @_;
    my $asked = 0;
    for (my $due = $start + $worker / $rate; !-e $stop; $due += $workers / $rate) {
        my $pause = $due - now();
        select undef, undef, undef, $pause if $pause > 0;
        $asked++;
        my $why = ask();
        print "$why\n" if $why;
    }
    print "asked $asked\n";
    exit;
}

sub ask {
    my $answer = eval {
        local $SIG{ALRM} = sub { die "no answer within 5 s\n" };
        alarm 5;
        my $socket = IO::Socket::INET->new(PeerHost => $host, PeerPort => $port) or die "no connection: $!\n";
        print $socket "GET $path HTTP/1.1\r\nHost: $host\r\nConnection: close\r\n\r\n";
        local $/;
        my $all = <$socket>;
        alarm 0;
        $all;
    };
    alarm 0;
    return $@ ? $@ =~ s/\n//r : 'an empty answer' if !defined $answer;
    return $answer =~ m{^HTTP/1\.1 200 .*\r\n\r\n.}s ? undef : 'answer ' . substr $answer =~ s/\s+/ /gr, 0, 40;
}
