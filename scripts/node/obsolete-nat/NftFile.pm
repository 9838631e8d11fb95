package NftFile;

# Finds the rules in a file of nftables, and the bytes that each one takes (nft(8), LEXICAL CONVENTIONS).
use strict;
use warnings;
use Exporter 'import';
use File::Basename qw(dirname);
use JSON::PP ();
use Nft qw(rules_of);
use Run qw(capture slurp);
our @EXPORT_OK = qw(concerned verified);

# Words that open a block with neither chains nor rules in it.
my $block = qr/^(?:(?:add|create)\s+)?(?:set|map|flowtable|counter|quota|limit|ct|secmark|synproxy|meter)\b/;

# Reads a file and what it includes. A reference to a list of { file, from, to, chain, text }: bytes FROM up
# to TO of FILE hold one rule of CHAIN ("FAMILY TABLE NAME"). The order is that in which nft adds the rules.
sub statements {
  my ($file) = @_;
  my $state = { found => [], depth => 0 };
  scan($file, [], $state);
  return $state->{found};
}

sub scan {
  my ($file, $context, $state) = @_;
  return if $state->{depth} > 16;
  my $text = slurp($file);
  my ($start, $nested, $position) = (undef, 0, 0);
  my $end = sub {
    my ($to) = @_;
    statement($file, $text, $start, $to, $context, $state) if defined $start;
    ($start, $nested) = (undef, 0);
  };
  for ($text) {
    pos = 0;
    while (!/\G\z/gc) {
      my $at = pos // 0;
      if (/\G(?:[ \t\r]|\\\r?\n)+/gc) { next }
      if (/\G#[^\n]*/gc) { next }
      if (/\G[\n;]/gc) { $end->($at) unless $nested; next }
      if (/\G\{/gc) {
        my $head = defined $start ? substr($text, $start, $at - $start) : '';
        my $kind = $nested ? undef : block_of($head, $context);
        if (defined $kind) { push @$context, $kind; $start = undef }
        else               { $start //= $at; $nested++ }
        next;
      }
      if (/\G\}/gc) {
        if ($nested) { $nested-- }
        else         { $end->($at); pop @$context }
        next;
      }
      $start //= $at;
      /\G"[^"]*"/gc or /\G[^\s"{};#\\]+/gc or /\G./gcs;
    }
    $end->(length);
  }
}

# What a `{` behind HEAD opens: a table, a chain, another block, or undef for a set within a rule.
sub block_of {
  my ($head, $context) = @_;
  my $plain = plain($head);
  my $inside = @$context ? $context->[-1] : { kind => 'file' };
  if ($inside->{kind} eq 'file') {
    return { kind => 'table', name => "$1 $2" } if $plain =~ /^(?:(?:add|create) )?table (ip|ip6|inet|arp|bridge|netdev) (\S+)$/;
    return { kind => 'table', name => "ip $1" } if $plain =~ /^(?:(?:add|create) )?table (\S+)$/;
    return { kind => 'chain', name => chain_name($1) } if $plain =~ /^(?:(?:add|create) )?chain (.+)$/;
    return { kind => 'other' } if $plain =~ $block;
  }
  if ($inside->{kind} eq 'table') {
    return { kind => 'chain', name => "$inside->{name} $1" } if $plain =~ /^chain (\S+)$/;
    return { kind => 'other' } if $plain =~ $block;
  }
  return undef;
}

sub statement {
  my ($file, $text, $from, $to, $context, $state) = @_;
  my $raw = substr $text, $from, $to - $from;
  $raw =~ s/(?:\s|\\\r?\n)+\z//;
  my $plain = plain($raw);
  if ($plain =~ /^include "([^"]+)"$/) {
    my $name = $1;
    my @places = $name =~ m{^/} ? ($name) : (dirname($file) . "/$name", "/etc/$name");
    for my $place (@places) {
      my @files = grep { -f } sort glob $place =~ s/ /\\ /gr or next;
      local $state->{depth} = $state->{depth} + 1;
      scan($_, $context, $state) for @files;
      return;
    }
    return;
  }
  my $inside = @$context ? $context->[-1] : { kind => 'file' };
  my $chain;
  if ($inside->{kind} eq 'chain') {
    $chain = $inside->{name} unless $plain =~ /^(?:type \S+ hook|policy\b|comment\b|hook\b|devices?\b|flags\b)/;
  } elsif ($inside->{kind} eq 'file' && $plain =~ /^(?:(?:add|insert|create) )?rule (.+)$/) {
    $chain = chain_name($1);
  }
  return unless defined $chain;
  my %found = (file => $file, from => $from, to => $from + length $raw, chain => $chain, text => $raw);
  if ($plain =~ /^insert /) {
    my ($first) = grep { $state->{found}[$_]{chain} eq $chain } 0 .. $#{ $state->{found} };
    splice @{ $state->{found} }, $first // scalar @{ $state->{found} }, 0, \%found;
  } else {
    push @{ $state->{found} }, \%found;
  }
}

# "FAMILY TABLE CHAIN" at the start of `[FAMILY] TABLE CHAIN ...`.
sub chain_name {
  my ($words) = @_;
  my @words = split / /, $words;
  unshift @words, 'ip' unless $words[0] =~ /^(?:ip|ip6|inet|arp|bridge|netdev)$/ && @words > 2;
  return "@words[0 .. 2]";
}

# A statement without comments, on one line with single blanks.
sub plain {
  my ($text) = @_;
  $text =~ s/("[^"]*")|#[^\n]*/defined $1 ? $1 : ''/ge;
  $text =~ s/\\\r?\n/ /g;
  $text =~ s/\s+/ /g;
  $text =~ s/^ | $//g;
  return $text;
}

# What ROOT loads, as nft understands it, in a network of its own; undef where nft refuses it. REPLACED,
# path to text, stands for files as they would be.
sub loaded {
  my ($root, $replaced) = @_;
  require File::Temp;
  my $folder = File::Temp->newdir('proximity.XXXXXX', TMPDIR => 1);
  my (@mounts, $count);
  for my $file (sort keys %$replaced) {
    my $new = "$folder/" . $count++;
    open my $handle, '>:raw', $new or die "Unable to write $new: $!\n";
    print {$handle} $replaced->{$file};
    close $handle;
    push @mounts, $new, $file;
  }
  my $inside = 'while [ "$#" -gt 1 ]; do mount --bind "$1" "$2" || exit; shift 2; done; nft -f "$1" && nft -j list ruleset';
  my ($status, $json) = capture([ qw(unshare --net --mount sh -c), $inside, 'sh', @mounts, $root ]);
  return undef if $status;
  return eval { rules_of($json) };
}

# The rules in ROOT and its includes that are concerned: each of `statements` with `left` where it stays,
# and why. JUDGE decides on a rule of nft's, NAMES on a text that nft does not explain.
sub concerned {
  my ($root, $judge, $names) = @_;
  my $statements = statements($root);
  my $known = loaded($root, {});
  my (%rules, %texts);
  push @{ $rules{"$_->{family} $_->{table} $_->{chain}"} }, $_ for @{ $known ? $known->{rules} : [] };
  push @{ $texts{ $_->{chain} } }, $_ for @$statements;
  my @found;
  for my $statement (@$statements) {
    my ($mine, $theirs) = ($texts{ $statement->{chain} }, $rules{ $statement->{chain} } // []);
    if (@$mine != @$theirs) {
      push @found, { %$statement, left => $known ? 'this program and nft read this chain differently' : 'nft does not load this file by itself' }
        if $names->($statement->{text});
      next;
    }
    my ($at) = grep { $mine->[$_] == $statement } 0 .. $#$mine;
    my ($is, $why) = $judge->($theirs->[$at], $known->{sets}) or next;
    push @found, { %$statement, at => $at, ($is eq 'left' ? (left => $why) : ()) };
  }
  return @found;
}

# True if ROOT without the rules FOUND still loads, and nft then has all other rules as before.
sub verified {
  my ($root, $replaced, $found) = @_;
  my ($before, $after) = (loaded($root, {}), loaded($root, $replaced));
  return 0 unless $before && $after;
  my %gone;
  $gone{ $_->{chain} }{ $_->{at} } = 1 for @$found;
  return shape($before, \%gone) eq shape($after, {});
}

# All rules by chain, as text to compare, without those that are gone.
sub shape {
  my ($known, $gone) = @_;
  my $json = JSON::PP->new->canonical;
  my (%count, @lines);
  for my $rule (@{ $known->{rules} }) {
    my $chain = "$rule->{family} $rule->{table} $rule->{chain}";
    next if $gone->{$chain}{ $count{$chain}++ };
    push @lines, "$chain " . $json->encode($rule->{expr}) . ' ' . ($rule->{comment} // '');
  }
  return join "\n", @lines;
}

1;
