package Iptables;

# Rules of iptables: what they do to an address, and the form in which iptables prints them.
use strict;
use warnings;
use Exporter 'import';
use Run qw(capture);
use Words qw(rule_words);
our @EXPORT_OK = qw(canonical verdict in_memory remove_from_memory serve_canonical);

# Options whose value is free text.
my %text_option = map { $_ => 1 } qw(--comment --log-prefix --nflog-prefix --ulog-prefix);

# The options of a rule `-A CHAIN ...`, as { key, values, negated }; free text is left out.
sub options_of {
  my ($rule) = @_;
  my $words = rule_words($rule) or return ();
  my (@options, $negated);
  my @rest = @$words[2 .. $#$words];
  while (my $word = shift @rest) {
    if (!$word->{quoted} && $word->{text} eq '!') { $negated = 1; next }
    if (!$word->{quoted} && $word->{text} =~ /^-/) {
      push @options, { key => $word->{text}, values => [], negated => $negated };
      $negated = 0;
      shift @rest if $text_option{ $word->{text} };
    } elsif (@options) {
      # `-s ! ADDRESS` is the old spelling of `! -s ADDRESS`.
      if ($negated) { $options[-1]{negated} = 1; $negated = 0 }
      push @{ $options[-1]{values} }, $word->{text};
    }
  }
  return @options;
}

# What one rule of the table nat has to do with an address: ('taken') where it leads there, ('left', WHY)
# where it leads there and elsewhere too, so that a person has to decide, () otherwise. A rule that excludes
# the address (`! -s ADDRESS`) has nothing to do with it.
sub verdict {
  my ($rule, $address) = @_;
  my @options = options_of($rule);
  my ($jump) = map { $_->{values}[0] // '' } grep { $_->{key} eq '-j' } @options;
  my $target = $jump // '';
  my $shared;
  for my $option (grep { !$_->{negated} } @options) {
    my ($key, $value) = ($option->{key}, $option->{values}[0] // '');
    if (($target eq 'DNAT' && $key eq '--to-destination') || ($target eq 'NETMAP' && $key eq '--to')) {
      my ($place) = split /:/, $value;
      my $size = covers($place, $address);
      return ('taken') if $size == 1;
      $shared = $value if $size > 1;
    } elsif ($key eq '-s' || $key eq '-d' || $key eq '--src-range' || $key eq '--dst-range') {
      return ('taken') if $target =~ /^(?:MASQUERADE|SNAT)$/ && covers($value, $address) == 1;
    }
  }
  return ('left', "it leads to $shared, of which $address is only a part") if defined $shared;
  return ();
}

# How many addresses `a`, `a/n` or `a-b` stand for, 0 where ADDRESS is not among them.
sub covers {
  my ($place, $address) = @_;
  my ($first, $last) = $place =~ m{^([0-9.]+)-([0-9.]+)$} ? (number($1), number($2)) : ();
  if (!defined $first && $place =~ m{^([0-9.]+)(?:/([0-9]+))?$}) {
    my $bits = $2 // 32;
    return 0 if $bits > 32 || !defined number($1);
    my $size = 2**(32 - $bits);
    $first = int(number($1) / $size) * $size;
    $last = $first + $size - 1;
  }
  my $wanted = number($address);
  return 0 unless defined $first && defined $last && $first <= $wanted && $wanted <= $last;
  return $last - $first + 1;
}

sub number {
  my @parts = $_[0] =~ /^(\d+)\.(\d+)\.(\d+)\.(\d+)$/ or return undef;
  return undef if grep { $_ > 255 } @parts;
  return (($parts[0] * 256 + $parts[1]) * 256 + $parts[2]) * 256 + $parts[3];
}

# The form in which iptables prints a rule, as `TABLE -A CHAIN ...`: a reference to one such text for each
# rule that the arguments make (a list of sources makes several), or undef where iptables refuses them.
# TABLE is the one without `-t`. Runs iptables in a network of its own, so nothing here changes.
sub canonical {
  my ($table, @words) = @_;
  my ($status, $out) = capture([ 'unshare', '--net', $^X, (map { "-I$_" } @INC), $0, 'canonical', $table, @words ]);
  return undef if $status;
  my @rules = grep { length } split /\n/, $out;
  return @rules ? \@rules : undef;
}

# The part of `canonical` inside that network.
sub serve_canonical {
  my ($table, @given) = @_;
  my (@words, $chain, $target);
  while (@given) {
    my $word = shift @given;
    if    ($word =~ /^(?:-t|--table)$/)   { $table = shift(@given) // return 2 }
    elsif ($word =~ /^(?:-t|--table=)(\w+)$/) { $table = $1 }
    elsif ($word =~ /^(?:-w|--wait|-W|--wait-interval)$/) { shift @given if ($given[0] // '') =~ /^\d+$/ }
    elsif ($word =~ /^(?:-[AIDC]|--(?:append|insert|delete|check))$/) {
      $chain = shift(@given) // return 2;
      # Where an inserted rule goes; a rule that is deleted by its number is none that could be printed.
      if (($given[0] // '') =~ /^\d+$/) {
        return 2 if $word =~ /^(?:-D|--delete)$/;
        shift @given;
      }
    } else {
      $target = $given[0] if $word =~ /^(?:-j|--jump|-g|--goto)$/;
      push @words, $word;
    }
  }
  return 2 unless defined $chain;
  for my $name ($chain, $target // ()) {
    # Fails for chains and targets of iptables itself, which need not be created.
    capture([ 'iptables', '-w', '-t', $table, '-N', $name ]);
  }
  my ($status) = capture([ 'iptables', '-w', '-t', $table, '-A', $chain, @words ]);
  return 1 if $status;
  (undef, my $out) = capture([ 'iptables', '-w', '-t', $table, '-S', $chain ]);
  print map { "$table $_\n" } grep { /^-A / } split /\n/, $out;
  return 0;
}

# What is in force and concerned, for one kind of iptables: { command, table, chain, number, rule, left }.
sub in_memory {
  my ($command, $judge) = @_;
  my ($status, $out) = capture(["$command-save"]);
  return () if $status;
  my ($table, %count, @found) = ('');
  for my $line (split /\n/, $out) {
    if ($line =~ /^\*(\S+)/) { $table = $1; %count = () }
    next unless $line =~ /^-A (\S+)/;
    my ($chain, $number) = ($1, ++$count{$1});
    my ($is, $why) = $judge->($table, $line) or next;
    push @found,
      { command => $command, table => $table, chain => $chain, number => $number, rule => $line,
        ($is eq 'left' ? (left => $why) : ()) };
  }
  # From the last one back, so that the numbers of the others stay right.
  return reverse @found;
}

sub remove_from_memory {
  my ($found) = @_;
  my @call = ($found->{command}, '-w', '-t', $found->{table});
  my (undef, $now) = capture([ @call, '-S', $found->{chain}, $found->{number} ]);
  chomp $now;
  die "The rules of $found->{chain} changed during this run, so nothing more was removed. Run this again. Next was: $found->{rule}\n"
    unless $now eq $found->{rule};
  my ($status, undef, $error) = capture([ @call, '-D', $found->{chain}, $found->{number} ]);
  die "Unable to remove '$found->{rule}': $error" if $status;
}

1;
