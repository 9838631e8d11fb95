#!/usr/bin/perl
# A small app behind the proxy: tells what it was asked, takes uploads, speaks WebSocket. perl-base alone.
use strict;
use warnings;
use IO::Socket::INET;

$SIG{CHLD} = 'IGNORE';
my $server = IO::Socket::INET->new(LocalPort => 8000, Listen => 64, ReuseAddr => 1) or die "listen: $!";
while (1) {
    my $client = $server->accept or next;
    if (!fork) { serve($client); exit }
    close $client;
}

sub serve {
    my ($client) = @_;
    binmode $client;
    my $first = <$client> // return;
    my ($method, $path) = split / /, $first;
    my ($head, %header) = ('');
    while (defined(my $line = <$client>)) {
        $line =~ s/\r?\n$//;
        last if $line eq '';
        $head .= "$line\n";
        $header{lc $1} = $2 if $line =~ /^([^:]+): (.*)$/;
    }
    return speak($client) if lc($header{upgrade} // '') eq 'websocket';
    return answer($client, -e '/run/sick' ? '500 Sick' : '200 OK', "health\n") if $path eq '/health';
    return answer($client, "401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"locked\"\r\nClear-Site-Data: *", "log in\n") if $path eq '/login';
    if ($method eq 'POST') {
        my ($left, $seen) = ($header{'content-length'} // 0, 0);
        while ($left > 0 && (my $got = read $client, my $part, $left < 65536 ? $left : 65536)) { $left -= $got; $seen += $got }
        return answer($client, '200 OK', "$seen\n");
    }
    answer($client, '200 OK', "$method $path\n$head");
}

sub answer {
    my ($client, $status, $body) = @_;
    my $length = length $body;
    print $client "HTTP/1.1 $status\r\nContent-Length: $length\r\nX-Frame-Options: DENY\r\nX-Powered-By: perl\r\n",
        "Content-Security-Policy: default-src 'self'; frame-ancestors 'none'\r\nConnection: close\r\n\r\n$body";
}

# The handshake of RFC 6455's own example, whose answer is known; then an echo of what comes.
sub speak {
    my ($client) = @_;
    $client->autoflush(1);
    print $client "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    while (sysread $client, my $part, 4096) { syswrite $client, $part }
}
