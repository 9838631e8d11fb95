# Makes one of each thing that the lab needs of the kernel's network, and prints a line for each that it
# refuses: `FEATURE: REASON`. Run it in a separate network namespace: it removes nothing.
# It speaks netlink itself (linux/rtnetlink.h, linux/netfilter/nf_tables.h), since a machine that has neither
# ip nor nft can still run the lab.
use strict;
use warnings;

use Socket;

use constant {
    AF_NETLINK        => 16,
    NETLINK_ROUTE     => 0,
    NETLINK_NETFILTER => 12,
    NEW_LINK          => 16,                 # RTM_NEWLINK
    NEW               => 1 | 4 | 0x400,      # NLM_F_REQUEST, ACK, CREATE
    NESTED            => 0x8000,             # NLA_F_NESTED
    BRIDGE            => 101,                # index of the bridge, which the macvlan is made on
    INET              => 1,                  # NFPROTO_INET
    NFTABLES          => 10 << 8,            # NFNL_SUBSYS_NFTABLES
};

my $sequence = 0;

sub padded { my ($bytes) = @_; return $bytes . "\0" x (-length($bytes) % 4) }

sub attribute {
    my ( $type, $value ) = @_;
    return padded( pack 'S S a*', 4 + length $value, $type, $value );
}

sub nested { my ( $type, @attributes ) = @_; return attribute( $type | NESTED, join '', @attributes ) }

sub message {
    my ( $type, $flags, $body ) = @_;
    return padded( pack 'L S S L L a*', 16 + length $body, $type, $flags, ++$sequence, 0, $body );
}

# Sends the messages as one, and returns the first error that the kernel answers, 0 once all are acknowledged.
sub refusal {
    my ( $protocol, $acknowledged, @messages ) = @_;
    socket my $kernel, AF_NETLINK, SOCK_RAW, $protocol or return $!;
    send $kernel, join( '', @messages ), 0, pack 'S x2 L L', AF_NETLINK, 0, 0 or return $!;
    local $SIG{ALRM} = sub { die "the kernel does not answer\n" };
    alarm 5;
    while ( $acknowledged > 0 ) {
        recv $kernel, my $answer, 65536, 0;
        while ( length $answer >= 20 ) {
            my ( $length, $error ) = ( unpack( 'L', $answer ), unpack( 'x16 l', $answer ) );
            return $! = -$error if $error != 0;
            $acknowledged--;
            $answer = substr $answer, $length;
        }
    }
    return 0;
}

# IFLA_IFNAME, IFLA_LINK, IFLA_LINKINFO with its kind and data
sub link_of {
    my ( $kind, $index, $data, @more ) = @_;
    my $header = pack 'C x S l L L', 0, 0, $index, 0, 0;
    my $info = nested( 18, attribute( 1, "$kind\0" ), $data );
    return refusal( NETLINK_ROUTE, 1, message( NEW_LINK, NEW, $header . attribute( 3, "c-$kind\0" ) . join( '', @more ) . $info ) );
}

# A chain of type nat behind routing, with a rule that masquerades.
sub nat {
    my $table = attribute( 1, "check\0" );
    my $hook = nested( 4, attribute( 1, pack 'N', 4 ), attribute( 2, pack 'N', 100 ) );
    my $masquerade = nested( 4, nested( 1, attribute( 1, "masq\0" ) ) );
    my $of = sub { my ($family, $subsystem) = @_; return pack 'C C n', $family, 0, $subsystem };
    return refusal(
        NETLINK_NETFILTER, 3,
        message( 16, 1, $of->( 0, 10 ) ),    # NFNL_MSG_BATCH_BEGIN
        message( NFTABLES | 0, NEW, $of->( INET, 0 ) . $table ),
        message( NFTABLES | 3, NEW, $of->( INET, 0 ) . $table . attribute( 3, "out\0" ) . $hook . attribute( 7, "nat\0" ) ),
        message( NFTABLES | 6, NEW | 0x800, $of->( INET, 0 ) . $table . attribute( 2, "out\0" ) . $masquerade ),
        message( 17, 1, $of->( 0, 10 ) ),    # NFNL_MSG_BATCH_END
    );
}

my @features = (
    [ 'bridge', sub { link_of( 'bridge', BRIDGE, '' ) } ],
    [ 'veth',   sub { link_of( 'veth', 0, '' ) } ],
    # IFLA_MACVLAN_MODE: bridge
    [ 'macvlan', sub { link_of( 'macvlan', 0, nested( 2, attribute( 1, pack 'L', 4 ) ), attribute( 5, pack 'L', BRIDGE ) ) } ],
    [ 'nftables with NAT', \&nat ],
);
for (@features) {
    my ( $name, $make ) = @$_;
    my $error = eval { $make->() } // $@;
    print "$name: $error\n" if $error;
}
