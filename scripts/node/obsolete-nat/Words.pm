package Words;

# Splits text into words: shell commands as sh does, and rules as iptables-save prints them.
use strict;
use warnings;
use Exporter 'import';
our @EXPORT_OK = qw(rule_words shell_commands mentions);

# The words of one rule in the form of iptables-save: blanks separate words, double or single quotes keep
# them together, and a backslash inside double quotes escapes any character. A reference to an array of
# { text, quoted }, or undef where a quote is not closed.
sub rule_words {
  my ($text) = @_;
  my @words;
  for ($text) {
    pos = 0;
    while (!/\G\s*\z/gc) {
      /\G\s+/gc;
      my %word = (text => '', quoted => 0);
      while (/\G(?=\S)/gc) {
        if    (/\G"((?:[^"\\]|\\.)*)"/gcs) { my $part = $1; $part =~ s/\\(.)/$1/gs; $word{text} .= $part; $word{quoted} = 1 }
        elsif (/\G'([^']*)'/gc)            { $word{text} .= $1; $word{quoted} = 1 }
        elsif (/\G["']/gc)                 { return undef }
        elsif (/\G\\(.)/gcs)               { $word{text} .= $1 }
        elsif (/\G([^\s"'\\]+)/gc)         { $word{text} .= $1 }
        else                               { return undef }
      }
      push @words, \%word;
    }
  }
  return \@words;
}

# The commands of one line for sh, as a reference to an array of { words, then } where `then` is the
# operator behind the command (`;`, `&&`, `||` or empty). Redirections are dropped, comments ignored, and
# variables replaced by what the hash VARIABLES has for them. undef for anything else that sh would do:
# pipes, background jobs, groups, other expansions, globs.
sub shell_commands {
  my ($text, $variables) = @_;
  my (@commands, @words);
  my $finish = sub {
    my ($then) = @_;
    push @commands, { words => [@words], then => $then } if @words;
    @words = ();
  };
  for ($text) {
    pos = 0;
    while (!/\G\z/gc) {
      if (/\G(?:\s|\\\n)+/gc) { next }
      if (/\G#[^\n]*/gc) { next }
      if (/\G(&&|\|\||;)/gc) { $finish->($1); next }
      if (/\G[0-9]*(?:>>?|<)(?:&[0-9-]|\s*[^\s;&|<>\$`"'\\()]+)/gc) { next }
      my $word = '';
      my $before = pos // 0;
      while (1) {
        if    (/\G'([^']*)'/gc) { $word .= $1 }
        elsif (/\G"((?:[^"\\\$`]|\\.|\$\{?\w+\}?)*)"/gcs) {
          my $part = $1;
          $part = expand($part, $variables) // return undef;
          $part =~ s/\\([\\"\$`])/$1/g;
          $word .= $part;
        }
        elsif (/\G(\$\{?\w+\}?)/gc) { $word .= expand($1, $variables) // return undef }
        elsif (/\G\\(.)/gcs)        { $word .= $1 }
        elsif (/\G([^\s;&|<>()\$`"'\\*?\[\]{}~#]+)/gc) { $word .= $1 }
        elsif ($word ne '' && /\G#/gc) { $word .= '#' }
        else                        { last }
      }
      return undef if (pos // 0) == $before;
      push @words, $word;
    }
  }
  $finish->('');
  return \@commands;
}

# Replaces `$NAME` and `${NAME}`; undef where one is unknown.
sub expand {
  my ($text, $variables) = @_;
  my $unknown = 0;
  $text =~ s/(?<!\\)\$\{?(\w+)\}?/exists $variables->{$1} ? $variables->{$1} : do { $unknown = 1; '' }/ge;
  return $unknown ? undef : $text;
}

# True if the text holds ADDRESS as a whole address, with or without a prefix or port.
sub mentions {
  my ($text, $address) = @_;
  return $text =~ /(?<![0-9.])\Q$address\E(?![0-9]|\.[0-9])/;
}

1;
