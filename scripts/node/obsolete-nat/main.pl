#!/usr/bin/perl
# Finds rules of the node that a guest with an address of its own makes obsolete, and removes them from
# memory and from the files that would bring them back (docs/old-nat.md). Nothing is ever flushed.
#
#   main.pl list   ENTRY...   prints what is there, changes nothing
#   main.pl remove ENTRY...   removes it and prints it
#   main.pl check             as list, in the form of scripts/node/look.sh; the file `entries` beside this one has
#                             the entries, one per line
#
# ENTRY is an address (every rule of the table nat that leads to it) or one rule as `iptables -S` prints it,
# with `-t TABLE` in front unless it is in the table nat.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Interfaces ();
use Iptables ();
use Nft ();
use NftFile ();
use Run qw(capture installed replace_file slurp);
use Words qw(mentions rule_words);

my $saved_rules = '/etc/iptables/rules.v4';
my $interfaces  = '/etc/network/interfaces';
my $nft_rules   = '/etc/nftables.conf';
# Places that can bring rules back in forms that only a person can read.
my @scripts = qw(/etc/rc.local /etc/iptables.rules /etc/iptables.up.rules /etc/iptables/* /etc/network/if-*.d/*
  /etc/systemd/system/*.service /etc/cron.d/* /usr/local/sbin/* /usr/local/bin/*);

my (@addresses, %named);
my $verb = shift // '';
exit Iptables::serve_canonical(@ARGV) if $verb eq 'canonical';
die "main.pl: usage: main.pl list|remove|check ENTRY...\n" unless $verb =~ /^(?:list|remove|check)$/;
read_entries($verb eq 'check' && !@ARGV ? split(/\n/, slurp("$FindBin::Bin/entries")) : @ARGV);

my @memory = in_memory();
my @files = in_files();
if ($verb eq 'remove') {
  @files = change(@files);
  remove($_) for grep { !$_->{left} } @memory;
}
print_found();

sub read_entries {
  for my $entry (@_) {
    if ($entry =~ /^[0-9.]+$/) { push @addresses, $entry; next }
    my $words = rule_words($entry);
    my $rules = $words && Iptables::canonical('nat', map { $_->{text} } @$words);
    die "obsolete-nat: iptables does not understand the rule: $entry\nWrite it under obsoleteNat as `iptables -S` prints it.\n" unless $rules;
    $named{$_} = 1 for @$rules;
  }
}

# Decides on a rule of iptables.
sub on_iptables {
  my ($table, $rule) = @_;
  return ('taken') if $named{"$table $rule"};
  return () unless $table eq 'nat';
  return first(map { [ Iptables::verdict($rule, $_) ] } @addresses);
}

# Decides on a rule of nftables.
sub on_nft {
  my ($rule, $sets) = @_;
  return first(map { [ Nft::verdict($rule, $_, $sets) ] } @addresses);
}

# The strongest of several verdicts.
sub first {
  my @verdicts = grep { @$_ } @_;
  my ($best) = (grep({ $_->[0] eq 'taken' } @verdicts), @verdicts);
  return $best ? @$best : ();
}

# True for a text that mentions one of the addresses.
sub names {
  my ($text) = @_;
  return scalar grep { mentions($text, $_) } @addresses;
}

# True for a command or line of iptables that can be concerned: asking iptables about each takes time.
sub relevant {
  my ($text) = @_;
  return names($text) || grep { my $chain = (split)[2]; $text =~ /\b\Q$chain\E\b/ } keys %named;
}

sub in_memory {
  my @found = map { Iptables::in_memory($_, \&on_iptables) } grep { installed("$_-save") } qw(iptables-legacy iptables-nft);
  push @found, Nft::in_memory(\&on_nft) if @addresses && installed('nft');
  return @found;
}

sub in_files {
  my @found;
  push @found, in_saved_rules() if -f $saved_rules;
  my %seen;
  # Proxmox reads interfaces.d whether or not a line says so.
  push @found, map { Interfaces::concerned($_, \&on_iptables, \&names, \&relevant) } map { Interfaces::files_of($_, \%seen) } $interfaces, glob("$interfaces.d/*");
  push @found, NftFile::concerned($nft_rules, \&on_nft, \&names) if @addresses && -f $nft_rules && installed('nft');
  push @found, in_scripts();
  return @found;
}

# Lines in the form of iptables-save, written by it or by hand.
sub in_saved_rules {
  my ($text, $table, $from, @found) = (slurp($saved_rules), '', 0);
  for my $line ($text =~ /([^\n]*\n|[^\n]+\z)/g) {
    my $to = $from + length $line;
    $table = $1 if $line =~ /^\*(\S+)/;
    if ($line =~ /^\s*(?:\[\d+:\d+\]\s*)?((?:-[AI]|--append|--insert)\s.*?)\s*$/ && relevant($line)) {
      my $words = rule_words($1);
      my $rules = $words && Iptables::canonical($table, map { $_->{text} } @$words);
      my @verdicts = map { [ on_iptables(split / /, $_, 2) ] } $rules ? @$rules : ();
      my ($is, $why) = first(@verdicts);
      ($is, $why) = ('left', 'it is for other addresses as well') if ($is // '') eq 'taken' && grep { !@$_ } @verdicts;
      ($is, $why) = ('left', 'iptables does not understand it here') if !$rules && names($line);
      push @found, { file => $saved_rules, from => $from, to => $to, text => $line, ($is eq 'left' ? (left => $why) : ()) } if $is;
    }
    $from = $to;
  }
  return @found;
}

# Only reported: nothing but its own interpreter reads a script right.
sub in_scripts {
  my @found;
  for my $file (grep { -f && -T && $_ ne $saved_rules } map { glob } @scripts) {
    for my $line (split /\n/, slurp($file)) {
      push @found, { file => $file, text => $line, left => 'this program does not edit this file' }
        if $line !~ /^\s*#/ && $line =~ /iptables|nft|DNAT|dnat|SNAT|snat|MASQUERADE|masquerade/ && names($line);
    }
  }
  return @found;
}

# Takes the found texts out of their files, when the program that reads them at boot agrees to the rest.
# Returns what was found, with `left` for what had to stay.
sub change {
  my @found = @_;
  my (%by_file, %old, %new);
  push @{ $by_file{ $_->{file} } }, $_ for grep { !$_->{left} } @found;
  for my $file (keys %by_file) {
    $old{$file} = $new{$file} = slurp($file);
    cut(\$new{$file}, $_) for sort { $b->{from} <=> $a->{from} } @{ $by_file{$file} };
  }
  my @of_nft = grep { defined $by_file{$_}[0]{chain} } keys %by_file;
  if (@of_nft) {
    my %replaced = map { $_ => $new{$_} } @of_nft;
    my @gone = map { @{ $by_file{$_} } } @of_nft;
    refuse(\@gone, \%by_file, 'nft would not have the same other rules without it')
      unless NftFile::verified($nft_rules, \%replaced, \@gone);
  }
  if ($by_file{$saved_rules}) {
    my ($status, undef, $error) = capture([qw(iptables-restore --test)], $new{$saved_rules});
    refuse($by_file{$saved_rules}, \%by_file, "iptables-restore refuses the rest: $error") if $status;
  }
  for my $file (sort keys %by_file) {
    die "$file was changed during this run, so nothing was removed from it. Run this again.\n" if slurp($file) ne $old{$file};
    replace_file($file, $new{$file});
  }
  return @found;
}

sub refuse {
  my ($found, $by_file, $why) = @_;
  $why =~ s/\s+/ /g;
  for my $one (@$found) {
    $one->{left} = $why;
    delete $by_file->{ $one->{file} };
  }
}

# Takes one text out. Its lines go whole where nothing else stands on them but a comment.
sub cut {
  my ($text, $found) = @_;
  my ($from, $to) = @$found{qw(from to)};
  my $before = substr($$text, 0, $from) =~ /(?:^|\n)([ \t]*)\z/ ? length $1 : undef;
  my ($rest) = substr($$text, $to) =~ /\A([ \t;]*(?:#[^\n]*)?\r?(?:\n|\z))/;
  if (defined $before && defined $rest && substr($$text, $to - 1, 1) ne "\n") {
    ($from, $to) = ($from - $before, $to + length $rest);
  } elsif (substr($$text, $to - 1, 1) ne "\n") {
    $to += length $1 if substr($$text, $to) =~ /\A([ \t]*;[ \t]*)/;
  }
  substr($$text, $from, $to - $from) = '';
}

sub remove {
  my ($found) = @_;
  return exists $found->{handle} ? Nft::remove_from_memory($found) : Iptables::remove_from_memory($found);
}

sub print_found {
  my (@gone, @left);
  for my $found (@memory, @files) {
    my @lines = map { s/^\s+|\s+$//gr } split /\n/, $found->{text} // "-t $found->{table} $found->{rule}";
    my $place = $found->{file} // $found->{command} // "nftables: $found->{family} $found->{table} $found->{chain}";
    my $separator = exists $found->{handle} ? ' ' : ': ';
    if (defined $found->{left}) { push @left, "$place$separator" . join(' ', @lines) . " ($found->{left})" }
    else                        { push @gone, map { "$place$separator$_" } @lines }
  }
  if ($verb eq 'check') {
    print "absent\tOld rules of the node (obsoleteNat) are removed:\n" if @gone;
    print "found\t$_\n" for @gone;
    print "held\tobsoleteNat leaves this, so change it by hand if it is obsolete: $_\n" for @left;
  } else {
    print "$_\n" for @gone, map { "left: $_" } @left;
  }
}
