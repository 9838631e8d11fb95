package Interfaces;

# Commands of interfaces(5) that call iptables, and the lines that each one takes.
use strict;
use warnings;
use Exporter 'import';
use Iptables qw(canonical);
use Run qw(slurp);
use Words qw(shell_commands);
our @EXPORT_OK = qw(concerned files_of);

# FILE and all that it reads by `source` and `source-directory`, in order and once each.
sub files_of {
  my ($file, $seen) = @_;
  $seen //= {};
  return () if !-f $file || $seen->{$file}++;
  my @files = ($file);
  for my $line (split /\n/, slurp($file)) {
    my ($how, $pattern) = $line =~ /^\s*(source|source-directory)\s+(\S+)/ or next;
    $pattern = ($file =~ m{^(.*)/})[0] . "/$pattern" unless $pattern =~ m{^/};
    my @more = map { $how eq 'source' ? $_ : grep { m{/[A-Za-z0-9_-]+$} } glob "$_/*" } glob $pattern;
    push @files, map { files_of($_, $seen) } @more;
  }
  return @files;
}

# The commands in FILE that are concerned, as { file, from, to, text, left }. JUDGE decides on a rule in the
# form of iptables, NAMES on a text that this does not understand; only what is RELEVANT is looked at.
sub concerned {
  my ($file, $judge, $names, $relevant) = @_;
  my $text = slurp($file);
  my ($interface, @found) = ('');
  # A backslash at the end of a line continues it.
  while ($text =~ /\G((?:[^\n]*\\\n)*[^\n]*(?:\n|\z))/gc) {
    my ($line, $to) = ($1, pos $text);
    last if $line eq '';
    $interface = $1 if $line =~ /^\s*(?:iface|auto|allow-\S+)\s+(\S+)/;
    my ($command) = $line =~ /^\s*(?:(?:pre|post)-)?(?:up|down)(?:\s|\\\n)+(.*?)\s*\z/s or next;
    # The network scripts get the line joined.
    $command =~ s/\\\n//g;
    next unless $relevant->($command);
    my ($is, $why) = judged($command, $interface, $judge, $names) or next;
    push @found,
      { file => $file, from => $to - length $line, to => $to, text => $line, ($is eq 'left' ? (left => $why) : ()) };
  }
  return @found;
}

# ('taken') where all that a command does is to add or remove concerned rules, ('left', WHY) where it does
# more or cannot be understood, () where it does not concern them.
sub judged {
  my ($command, $interface, $judge, $names) = @_;
  my $commands = shell_commands($command, { IFACE => $interface });
  my ($taken, $others, $unknown, $why) = (0, 0, !$commands, undef);
  for my $one ($commands ? @$commands : ()) {
    my ($program, @words) = @{ $one->{words} };
    if ($program =~ m{^(?:/bin/|/usr/bin/)?(?:sh|bash|dash)$} && @words == 2 && $words[0] =~ /^-e?c$/) {
      my ($is, $reason) = judged($words[1], $interface, $judge, $names);
      if    (!$is)           { $others++ }
      elsif ($is eq 'taken') { $taken++ }
      else                   { $why = $reason }
    } elsif ($program =~ m{^(?:/usr/sbin/|/sbin/)?iptables(?:-legacy|-nft)?$}) {
      my $rules = canonical('filter', @words);
      my @verdicts = map { [ $judge->(split(/ /, $_, 2)) ] } $rules ? @$rules : ();
      my @concerned = grep { @$_ } @verdicts;
      my ($left) = grep { $_->[0] eq 'left' } @concerned;
      $unknown = 1 unless $rules;
      if    (!@concerned)            { $others++ }
      elsif ($left)                  { $why = $left->[1] }
      elsif (@concerned < @verdicts) { $why = 'it is for other addresses as well' }
      else                           { $taken++ }
    } elsif ($program !~ m{^(?:/bin/|/usr/bin/)?(?:true|:)$}) {
      $others++;
      $unknown = 1;
    }
  }
  return ('left', $why) if defined $why;
  return ('taken') if $taken && !$others;
  return ('left', 'the command does other things as well') if $taken;
  return ('left', 'this program does not understand the command') if $unknown && $names->($command);
  return ();
}

1;
