package Nft;

# Rules of nftables, judged by their JSON form (libnftables-json(5)).
use strict;
use warnings;
use Exporter 'import';
use JSON::PP qw(decode_json);
use Run qw(capture);
our @EXPORT_OK = qw(verdict in_memory remove_from_memory rules_of);

# The rules of `nft -j list ruleset`, and its sets and maps by "FAMILY TABLE NAME".
sub rules_of {
  my ($json) = @_;
  my (@rules, %sets);
  for my $object (map { values %$_ } @{ decode_json($json)->{nftables} }) {
    next unless ref $object eq 'HASH';
    if (exists $object->{expr}) { push @rules, $object }
    elsif (exists $object->{elem}) { $sets{"$object->{family} $object->{table} $object->{name}"} = $object }
  }
  return { rules => \@rules, sets => \%sets };
}

# What one rule has to do with an address: ('taken') where it leads there, ('left', WHY) where it leads
# there and elsewhere too, so that a person has to decide, () otherwise.
sub verdict {
  my ($rule, $address, $sets) = @_;
  my $set = sub { $sets->{"$rule->{family} $rule->{table} $_[0]"} };
  my ($alone, $shared, $source_nat);
  for my $statement (grep { ref eq 'HASH' } @{ $rule->{expr} }) {
    if (my $match = $statement->{match}) {
      next unless $match->{op} eq '==' || $match->{op} eq 'in';
      # A network as a whole is not about one of its addresses.
      next if ref $match->{right} eq 'HASH' && ($match->{right}{prefix} || $match->{right}{range});
      my $size = size_with($match->{right}, $address, $set);
      $alone = 1  if $size == 1;
      $shared = 1 if $size > 1;
    }
    $source_nat = 1 if exists $statement->{masquerade} || exists $statement->{snat};
    my $to = ref $statement->{dnat} eq 'HASH' ? $statement->{dnat}{addr} : undef;
    next unless defined $to;
    my $size = ref $to eq 'HASH' && $to->{map} ? 2 * size_with_values($to->{map}, $address, $set) : size_with($to, $address, $set);
    return ('taken') if $size == 1;
    return ('left', "it leads to several addresses, of which $address is one") if $size > 1;
  }
  return ('taken') if $source_nat && $alone;
  return ('left', "it is for several addresses, of which $address is one") if $source_nat && $shared;
  return ();
}

# How many values an expression stands for, 0 where ADDRESS is not among them.
sub size_with {
  my ($value, $address, $set) = @_;
  if (!ref $value) {
    return $value eq $address ? 1 : 0 unless $value =~ /^@(.+)/;
    my $named = $set->($1) or return 0;
    # A set of that name can be filled later on.
    return 2 * (size_with({ set => $named->{elem} }, $address, $set) > 0);
  }
  return 0 unless ref $value eq 'HASH';
  if (my $list = $value->{set}) {
    return 0 unless grep { size_with($_, $address, $set) } @$list;
    return @$list > 1 ? scalar @$list : size_with($list->[0], $address, $set);
  }
  return size_with($value->{elem}{val}, $address, $set) if $value->{elem};
  return scalar(grep { size_with($_, $address, $set) } @{ $value->{concat} }) if $value->{concat};
  if (my $prefix = $value->{prefix}) {
    require Iptables;
    return Iptables::covers("$prefix->{addr}/$prefix->{len}", $address);
  }
  if (my $range = $value->{range}) {
    require Iptables;
    return grep({ ref } @$range) ? 0 : Iptables::covers("$range->[0]-$range->[1]", $address);
  }
  return 0;
}

# 1 where a map has ADDRESS among its values, 0 otherwise.
sub size_with_values {
  my ($map, $address, $set) = @_;
  my $data = $map->{data};
  my $pairs = ref $data eq 'HASH' ? $data->{set} : !ref $data && $data =~ /^@(.+)/ ? ($set->($1) // {})->{elem} : undef;
  return 0 unless ref $pairs eq 'ARRAY';
  return (grep { ref eq 'ARRAY' && size_with($_->[1], $address, $set) } @$pairs) ? 1 : 0;
}

# What is in force and concerned: { family, table, chain, handle, text, left }. Tables that iptables keeps
# in nftables are looked at by iptables itself.
sub in_memory {
  my ($judge) = @_;
  my ($status, $listing, $warnings) = capture([qw(nft -a list ruleset)]);
  return () if $status;
  my %foreign = map { $_ => 1 } "$listing\n$warnings" =~ /^# Warning: table (\S+ \S+) is managed by iptables-nft/mg;
  (undef, my $json) = capture([qw(nft -j list ruleset)]);
  my $known = rules_of($json);
  my @found;
  for my $rule (@{ $known->{rules} }) {
    next if $foreign{"$rule->{family} $rule->{table}"};
    my ($is, $why) = $judge->($rule, $known->{sets}) or next;
    push @found, { %$rule{qw(family table chain handle)}, text => text_of($listing, $rule), ($is eq 'left' ? (left => $why) : ()) };
  }
  return @found;
}

# A rule as nft prints it, on one line.
sub text_of {
  my ($listing, $rule) = @_;
  my ($table) = $listing =~ /^table \Q$rule->{family} $rule->{table}\E \{.*?\n(.*?)^\}/ms;
  my @lines = split /\n/, $table // '';
  for my $at (0 .. $#lines) {
    next unless $lines[$at] =~ /^(.*) # handle $rule->{handle}$/ && $lines[$at] !~ /\{ # handle/;
    my $text = $1;
    my $first = $at;
    # A long set takes several lines.
    while (($text =~ tr/}//) > ($text =~ tr/{//) && $first > 0) { $text = $lines[ --$first ] . $text }
    $text =~ s/\s+/ /g;
    $text =~ s/^ | $//g;
    return $text;
  }
  return "handle $rule->{handle}";
}

sub remove_from_memory {
  my ($found) = @_;
  my ($status, undef, $error) = capture([ qw(nft delete rule), @$found{qw(family table chain)}, 'handle', $found->{handle} ]);
  die "Unable to remove '$found->{text}': $error" if $status;
}

1;
