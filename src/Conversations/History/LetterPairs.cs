namespace Conversations;

/// <summary>What pairs of neighbouring letters add to the estimated cost of a word, in twelfths of a token: <c>a</c> is nothing, <c>m</c> a token.</summary>
/// <remarks>A pair that is common in the words of <c>o200k_base</c> is cheap, and one that is rare is not, so that a word costs by how much it resembles them, regardless
/// of its language. The costs were fitted to the messages of free programs in 60 languages and to recorded conversations, and then raised by a tenth.</remarks>
internal static class LetterPairs
{
    /// <summary>a to z, a letter of Latin with a sign, and one of Vietnamese.</summary>
    public const int LatinLetters = 28;

    /// <summary>The 32 letters of Russian without ё, and any other.</summary>
    public const int CyrillicLetters = 33;

    /// <summary>Gets a row for each first letter, with a character for each second one.</summary>
    public static ReadOnlySpan<byte> Latin =>
        "labaqqaaaqaaaakdqaaahbhaaofc"u8 +
        "ealaajaqoaaaacikacaaaaqacjqj"u8 +
        "baagaajbgqaaaqaabaqacqqqdaqj"u8 +
        "eaajaqfqkqqamcahacaeeqqabdoi"u8 +
        "hlaabaehliqcdaababaiqabajqgc"u8 +
        "gqfagajqbqabqqbjpeaafcqaaamc"u8 +
        "noqqamaahqalamqjqkclaqqqhpaj"u8 +
        "imcqaaqabfaoaqcohbqagqqcqajd"u8 +
        "gpbffacnqakgjaabacfbqaqhqgqa"u8 +
        "kaacnaaqqqkjqqqqcqdqdaecaaqc"u8 +
        "gnqaaaqakalqiiqaqqcmoqecoqqh"u8 +
        "oqqaadqabccaaeggaabagaqqaaqj"u8 +
        "caqjaqjqaaaaamfbqmbffqqjaaqi"u8 +
        "iqaeiaaalajaagbaaqaegaqqboqi"u8 +
        "ibaalafbhqadcaafqaebaaagqegb"u8 +
        "dqdfaaaggagajbaaaaaakqqbaqoc"u8 +
        "qcciqchqqacfgqqcqaqqacqclcqc"u8 +
        "gmafaacqhchagedfadaejdaqaaoj"u8 +
        "gqiqbaqaeqkkhaedcjaadmdpaaaj"u8 +
        "iqqfaaqaajpadqcaqabaekdqaqqj"u8 +
        "meanaheegoiabaqaqaaaqqhcaqaa"u8 +
        "dqdaaeqqjfqjqodmaajqqqqdqqnj"u8 +
        "baqagaqaccaaqaabcaaqoakqpaqc"u8 +
        "pqaahqaqcdgalaqacanbqcqbqeqj"u8 +
        "jgqqjqqlikqqcjidcqagooacqaqb"u8 +
        "khadaqadqiqaaalnaedfaaacajjc"u8 +
        "qiaqacllqoebajaqaoqqqaqqlaaa"u8 +
        "acacccccacccaaaacccaacccaccc"u8;

    /// <summary>Gets the same for Cyrillic.</summary>
    public static ReadOnlySpan<byte> Cyrillic =>
        "hdfhgacbobfcfdjccecdhddcfacgdcabl"u8 +
        "efmdchcehcaamhaefefdcaddeaaajkcgh"u8 +
        "fkalfcjdfcdaefdkhbaadehnhalaaicel"u8 +
        "fcfngfedccagmgadelhfccajgcekcjcch"u8 +
        "eqiiaamlccdbmheajbdehaiepcoddhdah"u8 +
        "hcfcdaebjbgbdaehaaanpcggjdcccccjo"u8 +
        "hedcaacgbcamaaaddgijccclccdkcdccc"u8 +
        "flikahedkcflacaicdocemclmcfdobdaf"u8 +
        "aaeegajfaehbcdjchabhdgdecpccceaam"u8 +
        "cigidfdcacabkghegacccdmalccccccca"u8 +
        "fcmccfaaacadcdcchdbhcdaknahgchdcd"u8 +
        "ekgeceahcckfhgcacamgjfigeckeaecag"u8 +
        "dqcaebccdcaaagcdoiidccdheckdckcah"u8 +
        "ghkjadiiacakdabkdbehaocdfceakegjk"u8 +
        "oaaaeaaeaababfhafaeinhgfbacccanbk"u8 +
        "djfccdccechfcibadqiechkqockebfefn"u8 +
        "dgcghdeifcdfacboldcbgdjlhcmajhkaf"u8 +
        "hfgldgicacdaelabaaahmandacobaiaah"u8 +
        "fkakmfcdececefcibadecphbacndakhge"u8 +
        "ffjcaaaddeagfhnddchgidigiacgccail"u8 +
        "acccdhccbccaghadldlaacccccddcfcco"u8 +
        "hgdehigccecgcdacgbljdgdcccdhcecki"u8 +
        "hcaccbccachicdmdqdfdclgccceelkikm"u8 +
        "gdkeeafcfcigdfojccajccmdacdhaicch"u8 +
        "hdibcckcbcfhjegqhcmhccdpccdhdjcce"u8 +
        "cccccbccaccccfhcccccccccccccacccc"u8 +
        "cfgfgakoccjncgpiojlccccgcqcccccbf"u8 +
        "cbbggajfcaeccgcahgaclajfjcccccinf"u8 +
        "cjikjidafcakkakncaacdcgfacccccagd"u8 +
        "djkdhcijchgafifjfiacaelhfccfcfcce"u8 +
        "cajcdcfccgccdkccjqaeccgacaccccfcq"u8 +
        "hbhlgalaceiieicojiagcdklojcccccch"u8 +
        "jjmjjojeljmibegaeifneilkdmcaccijg"u8;

    /// <summary>Returns the number of a letter of an alphabet, of either case; -1 for any other character.</summary>
    public static int IndexOf(char character, bool isLatin) => isLatin ? LatinIndex(character) : CyrillicIndex(character);

    private static int LatinIndex(char character)
    {
        var letter = (character | 0x20) - 'a';
        if ((uint)letter <= 'z' - 'a')
            return letter;

        return character switch
        {
            < '\u00C0' or '\u00D7' or '\u00F7' => -1,
            < '\u0250' => 26,
            >= '\u1E00' and < '\u1F00' => 27,
            _ => -1,
        };
    }

    private static int CyrillicIndex(char character) => character switch
    {
        < '\u0400' or >= '\u0530' => -1,
        >= '\u0430' and < '\u0450' => character - '\u0430',
        >= '\u0410' and < '\u0430' => character - '\u0410',
        _ => 32,
    };
}
