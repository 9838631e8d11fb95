#!/usr/bin/perl
# DHCP clients by RFC 2131, as many as wanted, each with a MAC of its own; one after the other.
#
#   dhcp-clients.pl discover INTERFACE             who offers within 5 s: the servers' addresses, a line each
#   dhcp-clients.pl lease INTERFACE FIRST COUNT    takes leases: a line `MAC ADDRESS SERVER` each, or `MAC none`
#   dhcp-clients.pl release INTERFACE              gives back what such lines on stdin say
#
# Frames go out by a packet socket, so that no other DHCP client of this host is in the way. perl-base alone.
use strict;
use warnings;
use Socket;

use constant { AF_PACKET => 17, ETH_P_IP => 0x0800, DISCOVER => 1, OFFER => 2, REQUEST => 3, ACK => 5, NAK => 6, RELEASE => 7 };

my ($verb, $nic, $first, $count) = @ARGV;
open my $file, '<', "/sys/class/net/$nic/ifindex" or die "$nic: $!\n";
chomp(my $index = <$file>);
socket(my $socket, AF_PACKET, SOCK_RAW, unpack 'n', pack 'S', ETH_P_IP) or die "socket: $!\n";
bind $socket, sockaddr_ll() or die "bind: $!\n";
$| = 1;

if ($verb eq 'discover') { discover() }
elsif ($verb eq 'lease') { lease($_) for $first .. $first + $count - 1 }
elsif ($verb eq 'release') { release(split) while <STDIN> }
else { die "unknown verb\n" }

sub sockaddr_ll { pack 'S n i S C C a8', AF_PACKET, ETH_P_IP, $index, 0, 0, 6, "\0" x 8 }

sub discover {
    my $mac = mac_of(0xffff);
    my $xid = say_to_all($mac, DISCOVER, '');
    my (%seen, $answer);
    $seen{ $answer->{server} } = 1 while $answer = heard($xid, %seen ? 1 : 5);
    print "$_\n" for sort keys %seen;
}

sub lease {
    my $mac = mac_of($_[0]);
    my $name = join ':', map { sprintf '%02x', $_ } unpack 'C6', $mac;
    my $offer;
    for (1 .. 3) { last if $offer = heard(say_to_all($mac, DISCOVER, ''), 4) }
    return print "$name none\n" unless $offer;
    my $wanted = option(50, inet_aton($offer->{address})) . option(54, inet_aton($offer->{server}));
    my $answer;
    for (1 .. 3) { last if $answer = heard(say_to_all($mac, REQUEST, $wanted), 4) }
    print $answer && $answer->{type} == ACK ? "$name $answer->{address} $answer->{server}\n" : "$name none\n";
}

sub release {
    my ($name, $address, $server) = @_;
    return if $address eq 'none';
    send_frame(pack('C6', map hex, split /:/, $name), RELEASE, option(54, inet_aton($server)), inet_aton($address));
}

# Locally administered, and of no one else here.
sub mac_of { pack 'C4 n', 0x02, 0xdb, 0, 0, $_[0] }

sub option { pack 'C C/a', @_ }

sub say_to_all {
    my ($mac, $type, $options) = @_;
    return send_frame($mac, $type, $options, "\0" x 4);
}

sub send_frame {
    my ($mac, $type, $options, $own) = @_;
    my $xid = int rand 2**32;
    my $bootp = pack 'C4 N n n a4 x4 x4 x4 a16 x192 N', 1, 1, 6, 0, $xid, 0, 0x8000, $own, $mac, 0x63825363;
    $bootp .= option(53, chr $type) . option(61, "\1$mac") . $options . "\xff";
    my $udp = pack('n4', 68, 67, 8 + length $bootp, 0) . $bootp;
    my $ip = pack 'C C n n n C C n a4 a4', 0x45, 0, 20 + length $udp, 0, 0, 64, 17, 0, $own, "\xff" x 4;
    substr $ip, 10, 2, pack 'n', checksum($ip);
    # From the client's own MAC address: the appliance takes no packet in which the two differ.
    send $socket, "\xff" x 6 . $mac . pack('n', ETH_P_IP) . $ip . $udp, 0, sockaddr_ll() or die "send: $!\n";
    return $xid;
}

sub checksum {
    my $sum = 0;
    $sum += $_ for unpack 'n*', $_[0];
    $sum = ($sum & 0xffff) + ($sum >> 16) while $sum >> 16;
    return ~$sum & 0xffff;
}

# The next offer, ACK or NAK to this transaction; undef after so many seconds.
sub heard {
    my ($xid, $seconds) = @_;
    my $end = time + $seconds;
    while ((my $left = $end - time) > 0) {
        my $ready = '';
        vec($ready, fileno $socket, 1) = 1;
        next unless select $ready, undef, undef, $left;
        defined recv $socket, my $frame, 2000, 0 or next;
        my $packet = substr $frame, 14;
        my ($length, $protocol) = (4 * (ord($packet) & 15), ord substr $packet, 9, 1);
        next unless $protocol == 17 && unpack('n', substr $packet, $length + 2, 2) == 68;
        my $bootp = substr $packet, $length + 8;
        next unless length $bootp > 240 && unpack('N', substr $bootp, 4, 4) == $xid;
        my %option;
        for (my $at = 240; $at < length $bootp && ord(substr $bootp, $at, 1) != 255;) {
            my ($code, $size) = unpack 'C2', substr $bootp, $at, 2;
            if ($code == 0) { $at++; next }
            $option{$code} = substr $bootp, $at + 2, $size;
            $at += 2 + $size;
        }
        my $type = ord($option{53} // "\0");
        next unless $type == OFFER || $type == ACK || $type == NAK;
        return { type => $type, address => inet_ntoa(substr $bootp, 16, 4), server => inet_ntoa($option{54} // "\0" x 4) };
    }
    return undef;
}
